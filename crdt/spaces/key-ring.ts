import type { Crypto } from '../crypto/index.ts'
import { entryKey } from '../log/index.ts'
import { decodeWrap, isEpochKey, type Membership, openWrap, RECOVERY_DEVICE } from '../membership/index.ts'
import type { SpaceLog } from './space-log.ts'
import type { Me } from './spaces.ts'

export interface KeyRingInit {
  readonly space: Uint8Array
  readonly me: Me
  readonly crypto: Crypto
  readonly membership: Membership
}

/** The epoch keys of a space that are here, and the keys derived from them. */
export class KeyRing {
  readonly #init: KeyRingInit
  readonly #epochs = new Map<number, Uint8Array>()
  readonly #derived = new Map<string, Uint8Array>()

  constructor(init: KeyRingInit) {
    this.#init = init
  }

  get(epoch: number): Uint8Array | undefined {
    return this.#epochs.get(epoch)
  }

  /** Epochs of the membership whose keys are not here. */
  missing(): number[] {
    const epochs = this.#init.membership.view?.epochs ?? []
    return epochs.map(({ epoch }) => epoch).filter(epoch => !this.#epochs.has(epoch))
  }

  /** Whether the key is the one that was committed to, and was not here. */
  add(epoch: number, key: Uint8Array): boolean {
    const { membership, space, crypto } = this.#init
    const committed = membership.view?.epochs.find(candidate => candidate.epoch === epoch)
    if (committed === undefined || this.#epochs.has(epoch) || !isEpochKey(key, committed, space, crypto)) return false
    this.#epochs.set(epoch, key)
    return true
  }

  /** Opens a wrap for this device. The epoch whose key is new here, if any. */
  async unwrap(bytes: Uint8Array): Promise<number | undefined> {
    const { membership, me, crypto } = this.#init
    const wrap = decodeWrap(bytes)
    const unsealer = wrap.device === me.device ? me.unsealer : wrap.device === RECOVERY_DEVICE ? me.phrase : undefined
    if (this.#epochs.has(wrap.epoch) || unsealer === undefined) return undefined
    const epoch = membership.view?.epochs.find(candidate => candidate.epoch === wrap.epoch)
    if (epoch === undefined) return undefined
    const key = await openWrap(wrap, epoch, unsealer, crypto)
    return key !== undefined && this.add(wrap.epoch, key) ? wrap.epoch : undefined
  }

  /** The key of the entries of one log in one epoch. */
  entryKey(log: SpaceLog, epoch: number): Uint8Array | undefined {
    const name = `${log.client}/${epoch}`
    const known = this.#derived.get(name)
    if (known !== undefined) return known
    const key = this.#epochs.get(epoch)
    if (key === undefined) return undefined
    const derived = entryKey(this.#init.crypto, key, this.#init.space, log.id)
    this.#derived.set(name, derived)
    return derived
  }
}
