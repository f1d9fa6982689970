import { decodeRun } from '../log/index.ts'
import type { Batch, Outcome } from '../store/index.ts'
import type { OwnHistory } from './own-history.ts'
import type { ReplicaEvents } from './replica.ts'
import { resubmit } from './resubmit.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'
import type { EditJob } from './writer.ts'

export interface OwnReturnInit {
  readonly context: SpaceContext
  readonly history: OwnHistory
  readonly write: (job: EditJob) => void
  /** Asks for a group commit. */
  readonly touch: () => void
  /** Reads everything anew; nothing is prepared meanwhile. */
  readonly reload: (reloaded: Promise<void>) => { readonly run: () => Promise<void>; readonly done: () => void }
  readonly tell: <K extends keyof ReplicaEvents>(event: K, detail: ReplicaEvents[K]) => void
  readonly onRestored: (returned: number, resubmitted: number) => void
}

/** What follows from what `OwnHistory` finds out: showing what is confirmed, and taking the place of what is not. */
export class OwnReturn {
  readonly #init: OwnReturnInit
  /** Own entries that came back from others since the start. */
  #returned = 0

  constructor(init: OwnReturnInit) {
    this.#init = init
  }

  /** Entries of ours that we did not have. */
  cameBack(own: SpaceLog, first: number, last: number): void {
    this.#returned += last - first + 1
    if (this.#init.history.cameBack(last, own.recentHash(last)!)) this.confirmed(own)
  }

  /** Takes what was written since the start out of the log, because others have another history of it. */
  async setAside(batch: Batch): Promise<Outcome> {
    const { context, history, reload } = this.#init
    let ready = () => {}
    let failed = (_cause: unknown) => {}
    const reloaded = new Promise<void>((resolve, reject) => {
      ready = resolve
      failed = reject
    })
    await context.commit.written()
    await history.setAside(batch)
    const { run, done } = reload(reloaded)
    return {
      done: () => {
        run().then(() => {
          ready()
          done()
        }, failed)
      },
      failed
    }
  }

  /** What was written since the start can be shown; what was set aside is written again. */
  confirmed(own: SpaceLog | undefined): void {
    if (own === undefined) return
    this.#tellOwn(own)
      .then(() => this.#writeAgain(own))
      .catch(cause => this.#init.context.log.warn('What was set aside could not be written again', cause))
  }

  async #tellOwn(own: SpaceLog): Promise<void> {
    const { context, tell, history, touch } = this.#init
    for await (const [last, run] of context.logs.runs(own, own.durable - 1)) {
      tell('runs', { space: context.id, log: own.id, run, first: decodeRun(run).first, last })
    }
    if (history.hasNote) touch()
  }

  async #writeAgain(own: SpaceLog): Promise<void> {
    const { context, write, onRestored } = this.#init
    const resubmitted = await resubmit(context, own, write)
    if (this.#returned > 0) onRestored(this.#returned, resubmitted)
    this.#returned = 0
  }
}
