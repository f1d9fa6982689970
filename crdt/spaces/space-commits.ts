import type { Batch, Outcome, Participant } from '../store/index.ts'
import type { OwnReturn } from './own-return.ts'
import { SpaceGroup } from './space-group.ts'
import type { SpaceLoading } from './space-loading.ts'
import type { SpaceParts } from './space-parts.ts'

/**
 * A space in group commits: what waits in its parts becomes rows, always in the same order, and once they are on synced storage everybody
 * is told.
 */
export class SpaceCommits implements Participant {
  readonly #parts: SpaceParts
  readonly #loading: SpaceLoading
  readonly #return: OwnReturn
  /** Groups with rows whose write was reported as failed: they may be on the disk */
  readonly #unsure: SpaceGroup[] = []
  #checkpoint: { resolve: () => void } | undefined

  constructor(parts: SpaceParts, loading: SpaceLoading, ownReturn: OwnReturn) {
    this.#parts = parts
    this.#loading = loading
    this.#return = ownReturn
  }

  get backlog(): number {
    return this.#parts.writer.backlog + this.#parts.receiver.backlog
  }

  /** Somebody types, or looks at what others type. */
  get isUrgent(): boolean {
    const { writer, receiver, documents } = this.#parts
    return writer.hasDirectEdits || (!receiver.isIdle && documents.isEdited)
  }

  get directEdits(): number {
    return this.#parts.writer.directEdits
  }

  /** Writes snapshots, so that the next start replays little. */
  checkpoint(): Promise<void> {
    return new Promise(resolve => {
      this.#checkpoint = { resolve }
      this.#parts.context.touch()
    })
  }

  async prepare(batch: Batch): Promise<Outcome | undefined> {
    await this.#loading.ready
    // Keys and records may come before the logs were read
    if (!this.#loading.isLoaded) return undefined
    if (this.#parts.history.isDisproved) return this.#return.setAside(batch)
    const group = new SpaceGroup(batch, this.#parts.context.keys.index)
    try {
      await this.#prepare(group)
    } catch (cause) {
      // The group has no outcome that could tell those who wait
      failed(group, cause)
      throw cause
    }
    return { done: () => this.#done(group), failed: cause => this.#failed(group, cause) }
  }

  async #prepare(group: SpaceGroup): Promise<void> {
    const { batch } = group
    const { context, cuts, adoption, receiver, writer, applier, history, durability, documents, compactor } =
      this.#parts
    const { records, membership, logs, news } = context
    const written = records.writeMissing(batch, membership)
    if (written !== undefined) group.done.push(written)
    if (await cuts.prepare(group, logs.own)) group.done.push(() => news.emit('fence', {}))
    if (adoption.isActive) {
      await adoption.take(group, () => this.#loading.restart())
      if (!adoption.isEnding) context.touch()
      return
    }
    await receiver.prepare(group)
    if (logs.own !== undefined) {
      const hasMore = await writer.prepare(group, logs.own)
      if (hasMore) context.touch()
      applier.retryAfterWrites(group, logs.own.client)
    }
    history.note(batch)
    history.tidy(batch)
    if (batch.rows > 0 || this.#checkpoint !== undefined) durability.write(batch)
    const entries = group.runs.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    if (this.#checkpoint !== undefined) await documents.checkpoint.begin()
    await documents.tidy(batch, entries)
    if (documents.checkpoint.isWriting) context.touch()
    else if (this.#checkpoint !== undefined) {
      group.done.push(this.#checkpoint.resolve)
      group.failed.push(this.#checkpoint.resolve)
      this.#checkpoint = undefined
    }
    if (context.facts.state === 'open' && (await compactor.take(batch, group.done, entries))) context.touch()
  }

  #done(group: SpaceGroup): void {
    const { context, history, durability, attester } = this.#parts
    const { id, logs, news } = context
    if (group.batch.rows > 0) {
      this.#loading.worked()
      this.#return.again()
    }
    for (const [log, seq] of group.heads) log.durable = seq
    for (const done of group.done) done()
    for (const { log, run, first, last, from } of group.runs) {
      if (log === logs.own && from !== undefined) this.#return.cameBack(log, first, last)
      if (history.mayShow(log, last)) news.tell('runs', { space: id, log: log.id, run, first, last, from })
    }
    for (const [kind, rows] of group.rows) news.emit('rows', { kind, rows })
    if (group.entries.length > 0) news.emit('entries', { entries: group.entries })
    if (group.heads.size > 0 || durability.hasEarly) attester.stored(group.heads)
  }

  #failed(group: SpaceGroup, cause: unknown): void {
    if (group.rows.size > 0) this.#unsure.push(group)
    failed(group, cause)
  }

  async reset(cause: unknown): Promise<void> {
    // Who made it reads it again
    if (!this.#loading.isLoaded) return
    const told = this.#loading.forget(cause)
    this.#checkpoint?.resolve()
    this.#checkpoint = undefined
    await this.#loading.readAgain(cause, told)
    // A disk that takes nothing is left to those who write
    if (this.#loading.failures < 2) this.#return.again()
    await this.#tellStored()
  }

  /** Rows that were reported as failed and are on the disk all the same: nobody has been told of them yet. */
  async #tellStored(): Promise<void> {
    const { store, news } = this.#parts.context
    // What is in the handle at hand may be more when the database is opened again
    if (store.isFenced) return
    for (let group = this.#unsure[0]; group !== undefined; group = this.#unsure[0]) {
      const stored = await group.storedRows(store)
      this.#unsure.shift()
      for (const [kind, rows] of stored) news.emit('rows', { kind, rows })
    }
  }
}

function failed(group: SpaceGroup, cause: unknown): void {
  for (const fail of group.failed) fail(cause)
}
