import type { LogId } from '../log/index.ts'
import type { MilestoneAnswer, MilestoneResult, Replica } from '../spaces/index.ts'
import type { Message } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { PeerSpace } from './peer-space.ts'
import type { SpaceFeed } from './space-feed.ts'

export type MilestoneMessage = Extract<Message, { type: 'milestone' | 'part' | 'complete' | 'want' }>

export interface MilestoneExchangeInit {
  readonly replica: Replica
  readonly remote: LogId
  readonly outbox: Outbox
}

/** Milestones in one session: taken, announced to a peer that lacks no entry of them, and sent when that peer asks. */
export class MilestoneExchange {
  readonly #init: MilestoneExchangeInit

  constructor(init: MilestoneExchangeInit) {
    this.#init = init
  }

  /**
   * A milestone is the word of its signer, not of the peer: one that is refused is named, and the session goes on. Whether it was refused.
   */
  async receive(space: PeerSpace, feed: SpaceFeed | undefined, message: MilestoneMessage): Promise<boolean> {
    const { replica } = this.#init
    let result: MilestoneResult = {}
    if (message.type === 'milestone') result = await replica.receiveMilestone(space.id, message.milestone)
    else if (message.type === 'part') await replica.receivePart(space.id, message.part)
    else if (message.type === 'complete') result = await replica.completeMilestone(space.id)
    else this.#wanted(space, feed, message)
    const { refused, answer } = result
    if (answer !== undefined) this.#answer(space, answer)
    if (refused === undefined) return false
    space.lastRefused = refused
    if (refused.code === 'later') space.isOwed = true
    return true
  }

  /** Tells a peer of milestones that it may hold in place of entries that both have. */
  announce(id: Uint8Array, feed: SpaceFeed): void {
    const { replica, remote, outbox } = this.#init
    if (!feed.isServing || feed.hasMore) return
    for (const milestone of replica.milestonesToTell?.(id, remote) ?? []) {
      outbox.queue({ type: 'milestone', space: outbox.numbers.space(feed.key), milestone }, milestone.length)
    }
  }

  #wanted({ id }: PeerSpace, feed: SpaceFeed | undefined, want: Extract<Message, { type: 'want' }>): void {
    const { replica, remote, outbox } = this.#init
    const { twin, device, number, wants } = want
    const offer = replica.milestoneWanted?.(id, remote, { by: { twin, device }, number, wants })
    if (offer !== undefined && feed?.add(offer) === true) outbox.feed(feed, false)
  }

  #answer({ key }: PeerSpace, { by, number, wants }: MilestoneAnswer): void {
    const { outbox } = this.#init
    outbox.queue({ type: 'want', space: outbox.numbers.space(key), ...by, number, wants })
  }
}
