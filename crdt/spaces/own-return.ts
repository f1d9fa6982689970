import { decodeRun } from '../log/index.ts'
import { type Batch, isOfClosedStore, type Outcome } from '../store/index.ts'
import type { OwnHistory } from './own-history.ts'
import { resubmit } from './resubmit.ts'
import type { SpaceLoading } from './space-loading.ts'
import type { SpaceLog } from './space-log.ts'
import type { SpaceParts } from './space-parts.ts'

/** What follows from what `OwnHistory` finds out: showing what is confirmed, and taking the place of what is not. */
export class OwnReturn {
  readonly #parts: Pick<SpaceParts, 'context' | 'history' | 'marks' | 'writer'>
  readonly #loading: SpaceLoading
  /** Own entries that came back from others since the start. */
  #returned = 0
  /** The log is confirmed, and what follows from that is not done. */
  #isOwed = false
  #paying = Promise.resolve()

  constructor(parts: Pick<SpaceParts, 'context' | 'history' | 'marks' | 'writer'>, loading: SpaceLoading) {
    this.#parts = parts
    this.#loading = loading
  }

  /** Tells the history something; it answers whether the own log is confirmed by that. */
  hear(use: (history: OwnHistory) => boolean): void {
    if (use(this.#parts.history)) this.#confirmed()
  }

  /** Entries of ours that we did not have. */
  cameBack(own: SpaceLog, first: number, last: number): void {
    this.#returned += last - first + 1
    if (this.#parts.history.cameBack(last, own.recentHash(last)!)) this.#confirmed()
  }

  /** Takes what was written since the start out of the log, because others have another history of it. */
  async setAside(batch: Batch): Promise<Outcome> {
    const { context, history, marks } = this.#parts
    const { own } = context.logs
    if (own !== undefined) marks.forgetBehind(batch, own, history.base)
    await context.commit.written()
    await history.setAside(batch)
    return this.#loading.reloadAfter()
  }

  /** Does what a failing store kept from being done. */
  again(): void {
    if (!this.#isOwed) return
    this.#paying = this.#paying
      .then(() => this.#pay())
      .catch(cause => {
        this.#isOwed = true
        if (!isOfClosedStore(cause)) {
          this.#parts.context.log.warn('What was set aside could not be written again', cause)
        }
      })
  }

  #confirmed(): void {
    this.#isOwed = true
    this.again()
  }

  /** What was written since the start can be shown; what was set aside is written again. */
  async #pay(): Promise<void> {
    const { context, history } = this.#parts
    const { own } = context.logs
    if (!this.#isOwed || !history.isConfirmed || own === undefined) return
    this.#isOwed = false
    await this.#tellOwn(own)
    await this.#writeAgain(own)
  }

  async #tellOwn(own: SpaceLog): Promise<void> {
    const { context, history } = this.#parts
    for await (const [last, run] of context.logs.runs(own, own.durable - 1)) {
      context.news.tell('runs', { space: context.id, log: own.id, run, first: decodeRun(run).first, last })
    }
    if (history.hasNote) context.touch()
  }

  async #writeAgain(own: SpaceLog): Promise<void> {
    const { context, writer } = this.#parts
    const resubmitted = await resubmit(context, own, job => {
      writer.add(job)
      context.touch()
    })
    if (resubmitted === undefined) {
      this.#isOwed = true
      return
    }
    if (this.#returned > 0) context.news.restored(this.#returned, resubmitted)
    this.#returned = 0
  }
}
