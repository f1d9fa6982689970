import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../codec.ts'
import { asBytes, asList, asUint, type LogId } from '../log/index.ts'
import { type Batch, SpaceKeys } from '../store/index.ts'
import { isNode } from './delivery.ts'
import type { Durability } from './durability.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** Of an entry that is dropped so many node devices have to hold what it did, if there are as many. */
const minHolders = 2

interface Device {
  readonly id: LogId
  /** Keeps the members of the space: cuts cover what it holds, so nothing is dropped that it has not. */
  readonly isKeeper: boolean
  /** Keeps the device list of its twin, and decides the cuts in the logs of that twin's devices. */
  readonly isListKeeper: boolean
  /** Has storage that stays: what a browser keeps is a copy that may be gone tomorrow. */
  readonly isNode: boolean
}

interface Waiting {
  readonly since: number
  /** Entries that it said to hold when it was last looked at. */
  readonly held: number
}

/** Who holds what of a space, and for how long others have not. */
export class Holders {
  readonly #context: SpaceContext
  readonly #durability: Durability
  readonly #absentMs: number
  readonly #waiting = new Map<string, Waiting>()

  constructor(context: SpaceContext, durability: Durability, absentMs: number) {
    this.#context = context
    this.#durability = durability
    this.#absentMs = absentMs
  }

  async load(): Promise<void> {
    const { store, keys } = this.#context
    this.#waiting.clear()
    const row = await store.get(keys.waiting)
    if (row === undefined) return
    for (const item of asList(decode(row), undefined, 65_536)) {
      const [twin, device, since, held] = asList(item, 4)
      const key = SpaceKeys.log(asBytes(twin, 32), asUint(device, 0xffff))
      this.#waiting.set(key, { since: asUint(since), held: asUint(held) })
    }
  }

  /** Notes which devices lack something of the given heads, by this device's own clock. */
  look(batch: Batch, heads: ReadonlyMap<SpaceLog, number>): void {
    const now = this.#context.clock()
    const rows: [Uint8Array, number, number, number][] = []
    for (const { id } of this.#devices()) {
      const key = SpaceKeys.log(id.twin, id.device)
      let [held, lacks] = [0, false]
      for (const [log, seq] of heads) {
        const has = this.#heldBy(id, log)
        held += Math.min(has, seq)
        lacks ||= has < seq
      }
      const known = this.#waiting.get(key)
      const since = known !== undefined && known.held === held ? known.since : now
      if (lacks) this.#waiting.set(key, { since, held })
      else this.#waiting.delete(key)
      if (lacks) rows.push([id.twin, id.device, since, held])
    }
    if (rows.length > 0) batch.put(this.#context.keys.waiting, encode(rows))
    else batch.del(this.#context.keys.waiting)
  }

  /**
   * Whether those who decide about cuts hold all of it: a cut covers what they hold, so it takes nothing out of what a snapshot has.
   * Afterwards it could not be taken out.
   */
  isBeyondCuts(heads: Iterable<readonly [log: SpaceLog, seq: number]>): boolean {
    const deciding = this.#devices().filter(({ isKeeper, isListKeeper }) => isKeeper || isListKeeper)
    for (const [log, seq] of heads) {
      for (const { id, isKeeper } of deciding) {
        if ((isKeeper || equals(id.twin, log.id.twin)) && this.#heldBy(id, log) < seq) return false
      }
    }
    return true
  }

  /** How far a log may be shortened: nobody may lack what is dropped, but for devices that were away for long. */
  limitOf(log: SpaceLog, upTo: number): number {
    const devices = this.#devices()
    const now = this.#context.clock()
    let limit = upTo
    for (const { id, isKeeper, isListKeeper } of devices) {
      const waiting = this.#waiting.get(SpaceKeys.log(id.twin, id.device))
      const mayCut = isKeeper || (isListKeeper && equals(id.twin, log.id.twin))
      const isAway = !mayCut && waiting !== undefined && now - waiting.since >= this.#absentMs
      if (!isAway) limit = Math.min(limit, this.#heldBy(id, log))
    }
    const { me } = this.#context
    // This device holds it too
    const self = isNode(this.#context, me) ? 1 : 0
    const nodes = devices.filter(device => device.isNode)
    const holders = self + nodes.filter(({ id }) => this.#heldBy(id, log) >= limit).length
    return holders >= Math.min(minHolders, nodes.length + self) ? limit : 0
  }

  get hasOthers(): boolean {
    return this.#devices().length > 0
  }

  #heldBy(by: LogId, log: SpaceLog): number {
    if (equals(by.twin, log.id.twin) && by.device === log.id.device) return log.seq
    for (const claim of this.#durability.of(log.id)) {
      if (equals(claim.by.twin, by.twin) && claim.by.device === by.device) return claim.seq
    }
    return 0
  }

  /** Listed devices of all members, but this one. */
  #devices(): Device[] {
    const { directory, membership, me } = this.#context
    return (membership.view?.members ?? []).flatMap(({ twin }) => {
      const list = directory.get(twin)
      const devices = list?.devices().filter(({ number }) => !list.isRevoked(number)) ?? []
      return devices
        .filter(({ number }) => number !== me.device || !equals(twin, me.twin))
        .map(({ number, certificate }) => ({
          id: { twin, device: number },
          isKeeper: isKey(membership.keeper, certificate.signing),
          isListKeeper: isKey(list?.keeper, certificate.signing),
          isNode: certificate.role === 'node'
        }))
    })
  }
}

function isKey(keeper: Uint8Array | undefined, signing: Uint8Array): boolean {
  return keeper !== undefined && equals(keeper, signing)
}
