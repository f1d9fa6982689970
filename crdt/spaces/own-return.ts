import { decodeRun } from '../log/index.ts'
import type { Batch, Outcome } from '../store/index.ts'
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

  /** What was written since the start can be shown; what was set aside is written again. */
  #confirmed(): void {
    const { logs, log } = this.#parts.context
    const { own } = logs
    if (own === undefined) return
    this.#tellOwn(own)
      .then(() => this.#writeAgain(own))
      .catch(cause => log.warn('What was set aside could not be written again', cause))
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
    if (this.#returned > 0) context.news.restored(this.#returned, resubmitted)
    this.#returned = 0
  }
}
