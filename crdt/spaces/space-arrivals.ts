import { equals } from 'uint8arrays/equals'
import { bytesToHex, type LogId } from '../log/index.ts'
import type { DeviceChanges } from './device-changes.ts'
import type { OpenSpace } from './open-space.ts'
import type { SpaceAcceptance } from './space-acceptance.ts'
import type { SpaceAssembly } from './space-assembly.ts'
import { SpaceRecords } from './space-records.ts'
import type { SpacesContext } from './spaces-context.ts'
import { takeWraps } from './wraps.ts'

export interface SpaceArrivalsInit {
  readonly context: SpacesContext
  readonly assembly: SpaceAssembly
  readonly acceptance: SpaceAcceptance
  readonly devices: DeviceChanges
}

interface Arrival {
  readonly id: Uint8Array
  readonly records: readonly Uint8Array[]
  readonly wraps: readonly Uint8Array[]
  readonly from: LogId
}

interface Taken {
  readonly changed: boolean
  readonly refused?: string
}

/** Takes what others have decided in a space and the keys that they pass on; of a space that is not here yet, it is an offer. */
export class SpaceArrivals {
  readonly #init: SpaceArrivalsInit

  constructor(init: SpaceArrivalsInit) {
    this.#init = init
  }

  /** See `Replica.receiveRecords`. */
  async receive(arrival: Arrival): Promise<Taken> {
    const { spaces, turns, writes, keeper, log } = this.#init.context
    const { id, records, wraps, from } = arrival
    return turns.take(id, async () => {
      const found = spaces.find(id)
      if (found === undefined) return this.#receiveOffer(arrival)
      if (spaces.isSelf(found) && (await this.#isOther(found, records))) {
        log.error('Another device has another private space of this twin')
        return { changed: false, refused: 'It is another private space' }
      }
      let refused: string | undefined
      let isNew = false
      for (const record of records) {
        const outcome = await found.membership.append(record)
        if (!outcome.ok) refused ??= outcome.reason
        else if (outcome.isNew) isNew = true
      }
      const batch = await writes.batch(found)
      const count = found.records.writeRecords(batch, found.membership)
      const taken = takeWraps(batch, found.space, found.records, wraps)
      // Not behind the disk: the record counts by now, and whoever writes needs its key. A group that comes before it writes both
      const hasKeys = await keeper.take(found, wraps)
      await writes.commit(batch, found)
      found.records.recordsWritten(count)
      if (hasKeys && found.space.state === 'open') await keeper.keepIfPossible(found)
      if (isNew || taken.length > 0 || hasKeys) found.space.changed(isNew ? records : [], taken, from)
      return { changed: isNew || taken.length > 0, refused }
    })
  }

  /**
   * Whether records begin another space under the same id: two devices that were set up apart each made the private space. Taking the
   * other's genesis would freeze both.
   */
  async #isOther(found: OpenSpace, records: readonly Uint8Array[]): Promise<boolean> {
    const membership = await this.#init.assembly.readMembership(found.space.id, records)
    const [theirs] = membership?.since() ?? []
    const [ours] = found.membership.since()
    return theirs !== undefined && ours !== undefined && !equals(theirs, ours)
  }

  async #receiveOffer({ id, records, wraps, from }: Arrival): Promise<Taken> {
    const { context, assembly, acceptance, devices } = this.#init
    const { me, mayOffer = () => false, autoAccept = () => false, replicates, directory } = context.init
    const { store, writes, keeper, news } = context
    const rows = new SpaceRecords(store, id)
    const membership = await assembly.readMembership(id, records)
    const view = membership?.view
    if (membership === undefined || view === undefined)
      return { changed: false, refused: 'The members cannot be verified' }
    const isMine = equals(from.twin, me.twin)
    if (view.numberOf(me.twin) === undefined) return { changed: false, refused: 'This twin is no member' }
    // What this twin decides comes back to it after a restore
    const isOwn = equals(view.decider, me.twin)
    if (!isMine && !isOwn && !mayOffer(view.decider))
      return { changed: false, refused: 'Only contacts may offer a space' }
    // That another device was offered a space does not say that the owner wants it here
    const isTold = isMine && (replicates === undefined || (await keeper.isAccepted(bytesToHex(id), membership)))
    const isWanted = isTold || isOwn || autoAccept(view.kind, view.decider)
    const isOpen = isWanted && acceptance.replicates(view.kind, view.genesis.policy)
    const state = isOpen ? 'open' : 'offered'
    const found = assembly.assemble(membership, rows, state)
    for (const { twin } of view.members) await directory.load(twin)
    const batch = await writes.batch(found)
    rows.writeState(batch, state)
    const count = rows.writeRecords(batch, membership)
    takeWraps(batch, found.space, rows, wraps)
    await writes.commit(batch, found)
    rows.recordsWritten(count)
    await keeper.take(found, wraps)
    await assembly.read(found)
    acceptance.add(found)
    news.sync.emit('space', { space: id })
    news.owner.emit(isOpen ? 'open' : 'offer', { space: found.space })
    if (isOpen) await keeper.keepIfPossible(found)
    if (isOwn) devices.cameBack()
    return { changed: true }
  }
}
