import type { LogHead, LogId } from '../log/index.ts'
import { Answers } from './answers.ts'
import { isTrusted } from './judge-milestone.ts'
import type { OwnReturn } from './own-return.ts'
import type { DurableClaim, LogRun, MilestoneResult, ReceiveResult } from './replica.ts'
import type { SpaceLog } from './space-log.ts'
import type { SpaceParts } from './space-parts.ts'

/** A twin that is none of the members. */
const nobody = new Uint8Array(32)

/** The side of one space that sync sees: what it may show of its logs, and what peers send and say. */
export class SpaceSync {
  readonly #parts: SpaceParts
  readonly #return: OwnReturn
  readonly #answers: Answers

  constructor(parts: SpaceParts, ownReturn: OwnReturn) {
    this.#parts = parts
    this.#return = ownReturn
    this.#answers = new Answers(parts.context)
  }

  /** Heads on synced storage. */
  frontier(): LogHead[] {
    const { context, others, history } = this.#parts
    const heads: LogHead[] = []
    for (const log of context.logs) {
      const end = context.quarantine.endOf(log.client)
      if (end !== undefined && end.seq < log.durable) {
        if (end.seq > 0) heads.push([log.id.twin, log.id.device, end.seq, end.hash])
        continue
      }
      if (others.isOf(log)) {
        const head = others.head(log)
        if (head !== undefined) heads.push(head)
        continue
      }
      const [seq, hash] = history.shown(log)
      if (hash !== undefined) heads.push([log.id.twin, log.id.device, seq, hash])
    }
    return heads
  }

  mayShow(log: SpaceLog, last: number): boolean {
    return this.#parts.history.mayShow(log, last)
  }

  receive(runs: readonly LogRun[], from: LogId): Promise<ReceiveResult> {
    const { context, receiver } = this.#parts
    if (context.facts.state !== 'open' || context.commit.isStopped) {
      const refused = { code: 'unknown-space', reason: 'The space is not open here' } as const
      return Promise.resolve({ accepted: 0, held: 0, durable: [], refused })
    }
    return new Promise(resolve => {
      receiver.add({ runs, from, resolve })
      context.touch()
    })
  }

  async receiveDurable(claims: readonly DurableClaim[], from: LogId): Promise<void> {
    const { context, durability, history } = this.#parts
    for (const claim of claims) await history.signed(claim)
    context.news.held(await durability.receive(claims, from), from)
  }

  receiveMilestone(milestone: Uint8Array): Promise<MilestoneResult> {
    const { context, adoption } = this.#parts
    return context.facts.state === 'open' ? adoption.offer(milestone) : Promise.resolve({})
  }

  receivePart(part: Uint8Array): Promise<void> {
    return this.#parts.adoption.part(part)
  }

  async completeMilestone(): Promise<MilestoneResult> {
    const { context, adoption, compactor } = this.#parts
    const { refused, answer, adopted } = await adoption.complete()
    if (adopted === undefined) return { refused, answer }
    compactor.reset()
    context.touch()
    return await adopted
  }

  /** See `Replica.heard`. */
  heard(from: LogId, news: number | 'done' | 'ended', hash?: Uint8Array): void {
    const { context, history } = this.#parts
    if (news === 'done') {
      this.#answers.add(from)
      context.news.answered()
    }
    if (typeof news === 'number') {
      // It waits for what is here: a group commit opens the store again
      if (!context.logs.isRead) context.touch()
      history.claimed(from, news, hash)
    } else this.#return.hear(() => (news === 'done' ? history.answered(from) : history.left(from)))
  }

  /** Whether everybody who may hold something of the log has sent it since the start. */
  haveAllSent(log: LogId): boolean {
    return this.#answers.areComplete(log, this.#parts.durability)
  }

  /** Whether documents are read from a milestone that a newcomer would not take, as this device did in the place of another. */
  get standsAlone(): boolean {
    const { context, milestones } = this.#parts
    return [...milestones].some(({ milestone }) => !isTrusted(context, milestone, nobody))
  }
}
