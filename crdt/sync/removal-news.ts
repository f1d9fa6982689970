import type { PeerSpace } from './peer-space.ts'
import { type ShareRecordsInit, sendRecords } from './share-records.ts'
import type { SpaceOpenings } from './space-openings.ts'

/** Tells a peer whose twin was removed from a space: else it would go on writing what nobody takes, and never know why. */
export class RemovalNews {
  readonly #init: ShareRecordsInit
  readonly #openings: SpaceOpenings
  readonly #told = new Set<string>()

  constructor(init: ShareRecordsInit, openings: SpaceOpenings) {
    this.#init = init
    this.#openings = openings
  }

  /** Once a session. */
  tell(space: PeerSpace): void {
    if (this.#told.has(space.key)) return
    this.#told.add(space.key)
    this.#sendMissing(space)
  }

  /** Whoever was told and is a member again lacks what was decided meanwhile, and gets it. */
  isBack(space: PeerSpace): boolean {
    if (!this.#told.delete(space.key)) return false
    this.#sendMissing(space)
    return true
  }

  #sendMissing(space: PeerSpace): void {
    const { replica, remote, outbox } = this.#init
    const { records, wraps } = replica.records(space.id, space.mhead, remote.twin)
    if (records.length === 0) return
    // The number that records are sent under is told by an OPEN
    if (!this.#openings.ours.has(space.key)) this.#openings.openUnknown(space)
    sendRecords(outbox, space.key, records, wraps)
  }
}
