import type { Membership } from '../membership/index.ts'
import type { Batch, GroupCommit, Store } from '../store/index.ts'
import type { LocalSpace } from './local-space.ts'
import type { SpaceState } from './replica.ts'
import type { SpaceRecords } from './space-records.ts'
import type { SealedWrap } from './wraps.ts'

/** A space with the rows it is made from. */
export interface OpenSpace {
  readonly space: LocalSpace
  readonly membership: Membership
  readonly records: SpaceRecords
}

/** Batches of their own for what is not part of a log: members, keys, state. On synced storage when a promise resolves. */
export class SpaceWrites {
  readonly #store: Store
  readonly #commit: GroupCommit

  constructor(store: Store, commit: GroupCommit) {
    this.#store = store
    this.#commit = commit
  }

  /** @throws {StoreError} while the store cannot be opened */
  async batch({ space }: OpenSpace): Promise<Batch> {
    if (this.#store.isFenced) {
      // A group commit finds out and opens the store again
      space.context.touch()
      await this.#commit.idle()
    }
    return this.#store.batch()
  }

  async commit(batch: Batch, { space, records }: OpenSpace): Promise<void> {
    try {
      await this.#store.commit(batch)
      records.written(batch)
    } catch (cause) {
      space.context.touch()
      throw cause
    }
  }

  /** A membership record that was decided here, before it counts, and wraps of the key that it commits to. */
  async record(found: OpenSpace, record: Uint8Array, sealed: readonly SealedWrap[]): Promise<void> {
    const batch = await this.batch(found)
    found.records.writeRecords(batch, found.membership, [record])
    addWraps(batch, found, sealed)
    await this.commit(batch, found)
  }

  async wraps(found: OpenSpace, sealed: readonly SealedWrap[]): Promise<void> {
    if (sealed.length === 0) return
    const batch = await this.batch(found)
    addWraps(batch, found, sealed)
    await this.commit(batch, found)
  }

  async state(found: OpenSpace, state: SpaceState): Promise<void> {
    const batch = await this.batch(found)
    found.records.writeState(batch, state)
    await this.commit(batch, found)
  }

  /** A space that was made here. */
  async whole(found: OpenSpace, state: SpaceState, sealed: readonly SealedWrap[]): Promise<void> {
    const batch = await this.batch(found)
    found.records.writeState(batch, state)
    const count = found.records.writeRecords(batch, found.membership)
    addWraps(batch, found, sealed)
    await this.commit(batch, found)
    found.records.recordsWritten(count)
  }

  /** A space whose making was refused. Nobody has heard of it. */
  async remove(found: OpenSpace): Promise<void> {
    const batch = await this.batch(found)
    await found.records.remove(batch)
    await this.commit(batch, found)
  }
}

function addWraps(batch: Batch, { records }: OpenSpace, sealed: readonly SealedWrap[]): void {
  for (const { epoch, recipient, wrap } of sealed) {
    records.writeWrap(batch, epoch.epoch, recipient.twin, recipient.device, wrap)
  }
}
