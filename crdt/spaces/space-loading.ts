import { decodeRun } from '../log/index.ts'
import type { Outcome } from '../store/index.ts'
import { renewIndex } from './renew-index.ts'
import { setAsideFormer } from './set-aside-former.ts'
import { SpaceError } from './space.ts'
import type { SpaceParts } from './space-parts.ts'

export interface SpaceLoadingInit {
  readonly parts: SpaceParts
  /** See `SpacesInit`. */
  readonly rebuildIndex?: boolean
}

/**
 * What is in memory of a space is what its store has: read at the start, and read again when a write failed, when the own log was set
 * right, and when a milestone has changed the documents. Whoever reads or prepares waits for `ready`.
 */
export class SpaceLoading {
  readonly #init: SpaceLoadingInit
  #ready: Promise<void> = Promise.resolve()
  #isLoaded = false
  /** Entries were taken out of the log, and not everything was read anew since. */
  #isReloading = false
  /** One at a time */
  #loads: Promise<void> = Promise.resolve()
  /** Groups in a row that failed. */
  #failures = 0

  constructor(init: SpaceLoadingInit) {
    this.#init = init
  }

  /** @throws {SpaceError} `fenced` when the store does not open */
  get ready(): Promise<void> {
    return this.#ready
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  get failures(): number {
    return this.#failures
  }

  /** A group is on synced storage. */
  worked(): void {
    this.#failures = 0
  }

  /** Reads heads and marks; documents are read when they are asked for. */
  load(): Promise<void> {
    const loaded = this.#loads.then(() => this.#load())
    this.#loads = loaded.catch(() => {})
    return loaded
  }

  async #load(): Promise<void> {
    const { context, marks, documents, attester, history, milestones, adoption, compactor } = this.#init.parts
    const { applier, cuts, receiver } = this.#init.parts
    const { logs, quarantine } = context
    await logs.load()
    await quarantine.load()
    await marks.load(key => [...logs].find(log => log.key === key)?.client)
    const isSetAside = await setAsideFormer(context, marks)
    if (isSetAside) await logs.load()
    await this.#init.parts.others.load()
    await milestones.load()
    await documents.load()
    await this.#init.parts.durability.load()
    // A crash comes between storing and attesting: the authors would never learn that what they wrote is here
    attester.clear()
    attester.stored([...logs].filter(log => log.durable > 0).map(log => [log, log.durable]))
    await this.#init.parts.holders.load()
    await adoption.load()
    compactor.load()
    const own = logs.openOwn()
    if (own !== undefined) documents.client = own.client
    cuts.load()
    await history.load(own)
    const isStale = history.isIndexStale || isSetAside || this.#init.rebuildIndex === true
    await renewIndex(context, { marks, milestones }, logs.own?.client ?? 0, isStale)
    if (history.isIndexStale) await history.indexRebuilt()
    this.#isLoaded = true
    await receiver.held.forgetStored(context)
    const waits = receiver.retryHeld()
    const hasWork = applier.reset() || waits || cuts.isBehind(logs.own) || adoption.isActive
    // A disk that takes nothing is tried once more; then it is left to those who write
    if (hasWork && this.#failures < 2) context.touch()
  }

  /** The membership, the keys or device lists changed: what waited for that is tried again. */
  retry(): void {
    const { context, history, documents, receiver, cuts } = this.#init.parts
    const own = context.logs.openOwn()
    history.log = own
    if (own !== undefined) documents.client = own.client
    receiver.retryHeld()
    cuts.changed()
    context.touch()
  }

  /** A write failed: what waits is refused, and what was not synced is forgotten. How far each log was told to others. */
  forget(cause: unknown): ReadonlyMap<string, number> {
    const { context, compactor, documents, writer, receiver } = this.#init.parts
    this.#failures++
    const told = new Map([...context.logs].map(({ key, durable }) => [key, durable]))
    compactor.reset()
    documents.clear()
    writer.reset(cause)
    receiver.reset()
    return told
  }

  /** Reads the store that was closed and opened again, and tells what turns out to be in it. */
  async readAgain(cause: unknown, told: ReadonlyMap<string, number>): Promise<void> {
    const { context } = this.#init.parts
    const { isRead } = context.logs
    this.#ready = this.load().catch(() => {
      // Peers are shown nothing that could not be sent to them, and are told of all of it once the store opens
      context.logs.clear()
      throw new SpaceError('fenced', 'The store is closed after a failed write, and does not open yet', { cause })
    })
    context.news.emit('fence', {})
    await this.#ready
    // Sessions that began meanwhile said nothing of what is here
    if (!isRead) context.news.tell('space', { space: context.id })
    await this.#tellGrown(told)
    if (this.#isReloading) this.#reloaded()
  }

  /** A write that was reported as failed may be on the disk: nobody has been told of it yet. */
  async #tellGrown(told: ReadonlyMap<string, number>): Promise<void> {
    const { context, history } = this.#init.parts
    for (const log of context.logs) {
      const before = Math.max(told.get(log.key) ?? 0, log.base.seq)
      if (log.durable <= before) continue
      for await (const [last, run] of context.logs.runs(log, before)) {
        if (!history.mayShow(log, last)) break
        context.news.tell('runs', { space: context.id, log: log.id, run, first: decodeRun(run).first, last })
      }
    }
  }

  /** Documents were changed by a milestone: those in memory are void. */
  restart(): void {
    const { context, compactor, documents, receiver } = this.#init.parts
    documents.clear()
    this.#ready = documents.load()
    this.#ready.catch(() => {})
    compactor.load()
    receiver.retryHeld()
    context.touch()
    context.news.emit('fence', {})
  }

  /** A group takes entries out of the log: nobody reads until it is on synced storage and everything was read anew. */
  reloadAfter(): Outcome {
    let ready = () => {}
    let failed = (_cause: unknown) => {}
    this.#isReloading = true
    this.#ready = new Promise<void>((resolve, reject) => {
      ready = resolve
      failed = reject
    })
    // Whoever waits for it hears of it
    this.#ready.catch(() => {})
    const done = () => {
      this.#reload().then(
        () => {
          ready()
          this.#reloaded()
        },
        cause => {
          failed(cause)
          // The next group finds out, and has the store opened again
          this.#init.parts.context.touch()
        }
      )
    }
    return { done, failed }
  }

  async #reload(): Promise<void> {
    const { documents, writer } = this.#init.parts
    documents.clear()
    writer.restart()
    await this.load()
  }

  #reloaded(): void {
    this.#isReloading = false
    const { id, news } = this.#init.parts.context
    news.emit('fence', {})
    // Sessions ask again for what was refused meanwhile
    news.tell('records', { space: id, records: [], wraps: [] })
    this.retry()
  }
}
