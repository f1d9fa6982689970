import { isOfClosedStore } from '../store/index.ts'
import type { Durability } from './durability.ts'
import type { DurableClaim } from './replica.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** Milliseconds between two claims about what somebody types: each costs a signature here and a check with every member. */
const gatherMs = 1000

export interface AttesterInit {
  readonly context: SpaceContext
  readonly durability: Durability
  /** Whether somebody has a document of the space in an editor, here or elsewhere: more will come soon */
  isTyped(): boolean
}

/** Signs that the logs of others are on synced storage here, where it has not said so yet. */
export class Attester {
  readonly #init: AttesterInit
  readonly #waiting = new Map<SpaceLog, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(init: AttesterInit) {
    this.#init = init
  }

  /** Up to these entries logs are on synced storage. The first claim goes at once; while somebody types, the next ones are gathered. */
  stored(heads: Iterable<readonly [log: SpaceLog, seq: number]>): void {
    for (const [log, seq] of heads) this.#waiting.set(log, seq)
    if (this.#timer !== undefined && this.#init.isTyped()) return
    // Signing takes as long as telling all who wait for what was written: they come first
    this.#init.context.commit.later(() => this.#sign())
  }

  /** Logs were read again. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }

  #sign(): void {
    const heads = [...this.#waiting]
    this.clear()
    if (heads.length > 0 && this.#init.isTyped()) this.#timer = setTimeout(() => this.#sign(), gatherMs)
    this.#attest(heads).catch(cause => {
      // It is asked for again when the store has been read
      if (!isOfClosedStore(cause)) this.#init.context.log.warn('What was stored could not be attested', cause)
    })
  }

  async #attest(heads: readonly (readonly [log: SpaceLog, seq: number])[]): Promise<void> {
    const { context, durability } = this.#init
    const { id, me, logs, quarantine, news } = context
    const own = logs.find({ twin: me.twin, device: me.device })
    const claims: DurableClaim[] = []
    for (const [log, at] of heads) {
      const seq = Math.min(at, quarantine.endOf(log.client)?.seq ?? at)
      const hash = log === own || durability.hasSigned(log, seq) ? undefined : log.recentHash(seq)
      if (hash !== undefined) claims.push(await durability.sign(log, seq, hash))
    }
    if (claims.length > 0) news.tell('durable', { space: id, claims })
    // Claims of others that came before what they are about
    if (durability.hasEarly) news.held(await durability.retry())
  }
}
