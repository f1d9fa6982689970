import { equals } from 'uint8arrays/equals'
import type { Signer } from '../crypto/index.ts'
import { bytesToHex } from '../log/index.ts'
import { isOfClosedStore } from '../store/index.ts'
import type { OpenSpace } from './open-space.ts'
import { SpaceError } from './space.ts'
import type { SpaceKeeping } from './space-keeping.ts'
import type { SpacesContext } from './spaces-context.ts'

interface Owed {
  readonly found: OpenSpace
  readonly twin: Uint8Array
  /** The last epoch whose key revoked devices may have, 0 when none was revoked */
  readonly known: number
}

/** Carries on what device lists say: keys go to new devices, revoked ones lose the next, and everybody is told. */
export class DeviceChanges {
  readonly #context: SpacesContext
  readonly #keeping: SpaceKeeping
  /** What a failing store kept from being done, by space and twin: tried again with the next write that works. */
  readonly #owed = new Map<string, Owed>()
  #isListOwed = false
  #ignore = () => {}
  /** What follows from the newest change of a device list. */
  #passing: Promise<void> = Promise.resolve()
  #retrying: Promise<void> | undefined
  #ending: Promise<void> = Promise.resolve()

  constructor(context: SpacesContext, keeping: SpaceKeeping) {
    this.#context = context
    this.#keeping = keeping
    context.news.followUps.on('answered', () => this.#endLeft())
    context.news.followUps.on('stored', () => {
      if (this.#isOwing) void this.#retry()
    })
  }

  async start(): Promise<void> {
    this.stop()
    this.#ignore = this.#context.init.directory.onChange(({ list, revoked }) => {
      this.#follow(this.#changed(list.twin, revoked))
    })
    for (const twin of this.#twins()) await this.#changed(twin, [])
  }

  stop(): void {
    this.#ignore()
    this.#owed.clear()
    this.#isListOwed = false
  }

  /** See `Spaces.revokeDevice` and `takeBackDevice`. */
  async revoke(number: number, owner?: Signer, undo?: true): Promise<'recorded' | 'on-sight'> {
    const outcome = await this.#keeping.devices.revokeDevice(number, owner, undo)
    await this.#passing
    return outcome
  }

  /** A space of the own twin has come back to it: the device that decided may be one from before a restore. */
  cameBack(): void {
    this.#follow(this.#passOn(this.#context.init.me.twin, []))
  }

  async #changed(twin: Uint8Array, revoked: readonly number[]): Promise<void> {
    this.#context.news.sync.emit('devices', { twin })
    await this.#passOn(twin, revoked)
  }

  /** What fails in one space keeps none of the others from it. */
  async #passOn(twin: Uint8Array, revoked: readonly number[]): Promise<void> {
    const { init, spaces, commit } = this.#context
    if (equals(twin, init.me.twin)) await this.#passOnList()
    for (const found of spaces) {
      const known = revoked.length > 0 ? (found.membership.view?.epochs.length ?? 0) : 0
      await this.#passOnIn({ found, twin, known })
    }
    await this.#retrying
    if (!this.#isOwing) return
    // One failed write is over once the store is opened again
    await commit.idle()
    await this.#retry()
  }

  get #isOwing(): boolean {
    return this.#isListOwed || this.#owed.size > 0
  }

  #retry(): Promise<void> {
    this.#retrying ??= this.#tryAgain().finally(() => {
      this.#retrying = undefined
    })
    return this.#retrying
  }

  async #tryAgain(): Promise<void> {
    if (this.#isListOwed) await this.#passOnList()
    for (const owed of [...this.#owed.values()]) await this.#passOnIn(owed)
  }

  async #passOnList(): Promise<void> {
    this.#isListOwed = false
    try {
      await this.#keeping.devices.listChanged()
    } catch (cause) {
      this.#isListOwed = this.#isOfStore(cause)
    }
  }

  async #passOnIn(owed: Owed): Promise<void> {
    const key = `${owed.found.space.text}/${bytesToHex(owed.twin)}`
    const known = Math.max(owed.known, this.#owed.get(key)?.known ?? 0)
    this.#owed.delete(key)
    try {
      await this.#keeping.devicesChanged(owed.found, owed.twin, known)
    } catch (cause) {
      // Another change may have come meanwhile
      const most = Math.max(known, this.#owed.get(key)?.known ?? 0)
      if (this.#isOfStore(cause)) this.#owed.set(key, { ...owed, known: most })
    }
  }

  /** Whether it may work once the store does. */
  #isOfStore(cause: unknown): boolean {
    this.#context.log.warn('Keys could not be passed on', cause)
    for (let inner = cause; inner instanceof Error; inner = inner.cause) {
      if (isOfClosedStore(inner)) return true
      if (inner instanceof SpaceError && inner.code === 'fenced') return true
    }
    return false
  }

  #follow(passing: Promise<void>): void {
    this.#passing = passing.catch(cause => this.#context.log.warn('Keys could not be passed on', cause))
  }

  /** One after the other: two would record the same. */
  #endLeft(): void {
    const { init, log } = this.#context
    if (init.formerDevices === undefined) return
    this.#ending = this.#ending
      .then(() => this.#keeping.devices.endLeft())
      .catch(cause => log.warn('Where a former device ends could not be recorded', cause))
  }

  #twins(): Uint8Array[] {
    const twins = new Map<string, Uint8Array>()
    for (const { membership } of this.#context.spaces) {
      for (const { twin } of membership.view?.members ?? []) twins.set(bytesToHex(twin), twin)
    }
    return [...twins.values()]
  }
}
