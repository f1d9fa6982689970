import { bytesToHex, isSameLog, type LogId } from '../log/index.ts'
import type { DurableClaim, LogRun, Replica, ReplicaEvents, SpaceInfo } from '../spaces/index.ts'
import { ClaimShare } from './claim-share.ts'
import type { Received } from './inbox.ts'
import type { Message } from './message.ts'
import { MilestoneExchange } from './milestone-exchange.ts'
import { noteRefusal } from './note-refusal.ts'
import { headIn } from './numbers.ts'
import type { Outbox } from './outbox.ts'
import type { PeerSpace } from './peer-space.ts'
import { isTold } from './presence-audience.ts'
import { RemovalNews } from './removal-news.ts'
import { sendRecords, shareRecords } from './share-records.ts'
import { SpaceFeed } from './space-feed.ts'
import { SpaceOpenings } from './space-openings.ts'
import { progressOf, type SpaceProgress } from './space-progress.ts'
import { SyncError } from './sync-error.ts'

export interface SpaceExchangeInit {
  readonly replica: Replica
  readonly remote: LogId
  readonly outbox: Outbox
  changed(): void
}

/** Everything about spaces in one session. */
export class SpaceExchange {
  readonly #init: SpaceExchangeInit
  readonly #openings: SpaceOpenings
  readonly #feeds = new Map<string, SpaceFeed>()
  readonly #claims: ClaimShare
  readonly #removals: RemovalNews
  readonly #milestones: MilestoneExchange

  constructor(init: SpaceExchangeInit) {
    this.#init = init
    this.#openings = new SpaceOpenings(init)
    this.#claims = new ClaimShare(init.remote, init.outbox)
    this.#milestones = new MilestoneExchange(init)
    this.#removals = new RemovalNews(init, this.#openings)
  }

  openAll(): void {
    this.#openings.openAll()
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.stop()
    const { replica, remote } = this.#init
    for (const { id } of this.#openings.theirs.values()) replica.heard?.(id, remote, 'ended')
  }

  async receive({ message, space }: Received<PeerSpace>): Promise<void> {
    const { replica, remote } = this.#init
    if (space === undefined) throw new TypeError('The message is not about a space')
    switch (message.type) {
      case 'open':
        this.#receiveOpen(space, message)
        break
      case 'records':
        await this.#receiveRecords(space, message.records, message.wraps)
        break
      case 'done':
        space.isDone = true
        replica.heard?.(space.id, remote, 'done')
        if (space.isOverflowing) this.#openings.openAgain(space)
        this.#init.changed()
        break
      case 'milestone':
      case 'part':
      case 'complete':
      case 'want':
        if (!this.#isOpen(space.id)) break
        if (await this.#milestones.receive(space, this.#feeds.get(space.key), message)) this.#init.changed()
        break
      case 'awareness':
        if (this.#isOpen(space.id)) replica.receiveAwareness(space.id, message.document, message.bytes, remote)
        break
      default:
        throw new TypeError('The message is not about a space')
    }
  }

  /** The peer does not serve a space that we opened. */
  refused({ space, code, text }: Extract<Message, { type: 'refuse' }>): void {
    const key = this.#init.outbox.numbers.keyOf(space)
    if (key === undefined) throw new SyncError('malformed', 'The peer refused a space that was not opened')
    this.#openings.refusals.set(key, { code, text })
    this.#feeds.get(key)?.stop()
    this.#init.changed()
  }

  async receiveRuns(space: PeerSpace, runs: readonly LogRun[]): Promise<void> {
    const { replica, remote } = this.#init
    // Not wanted (any more): nothing the peer may know yet
    if (!this.#isOpen(space.id)) return
    const { accepted, refused } = await replica.receiveRuns(space.id, runs, remote)
    if (accepted > 0) space.retries = 0
    space.lastRefused = refused
    if (refused !== undefined && noteRefusal(space, refused) === 'again') this.#openings.openAgain(space)
    if (refused !== undefined) this.#init.changed()
  }

  async receiveClaims({ id, key }: PeerSpace, claims: readonly DurableClaim[]): Promise<void> {
    const { replica, remote } = this.#init
    for (const { by, log, seq } of claims) if (isSameLog(by, remote)) this.#feeds.get(key)?.has(log, seq)
    await replica.receiveDurable(id, claims, remote)
  }

  /** Something arrived that earlier refusals may have waited for. */
  retry(): void {
    for (const space of this.#openings.theirs.values()) if (space.isOwed) this.#openings.openAgain(space)
  }

  runStored({ space, log, run, first, last, from }: ReplicaEvents['runs']): void {
    const feed = this.#feeds.get(bytesToHex(space))
    if (feed === undefined) return
    const { outbox, remote } = this.#init
    if (from !== undefined && isSameLog(from, remote)) {
      feed.has(log, last)
      return
    }
    if (!this.#mayServe(space)) return
    const out = feed.grown(log, run, first, last, outbox.hasRoom)
    if (out !== undefined) outbox.queueRun(out)
    else if (feed.hasMore) outbox.feed(feed, false)
  }

  claimed({ space, claims, from }: ReplicaEvents['durable']): void {
    if (from !== undefined && isSameLog(from, this.#init.remote)) return
    const key = bytesToHex(space)
    if (this.#feeds.get(key)?.isServing && this.#mayServe(space)) this.#claims.send(key, claims)
  }

  milestoneMade({ space }: ReplicaEvents['milestone']): void {
    const feed = this.#feeds.get(bytesToHex(space))
    if (feed !== undefined && this.#mayServe(space)) this.#milestones.announce(space, feed)
  }

  recordsAdded({ space, records, wraps, from }: ReplicaEvents['records']): void {
    const key = bytesToHex(space)
    if (from !== undefined && isSameLog(from, this.#init.remote)) return
    // The peer may be a member by what was just decided
    if (!this.#openings.ours.has(key)) this.spaceChanged(space)
    const peer = this.#openings.theirs.get(key)
    if (peer !== undefined && !this.#openings.refusals.has(key)) {
      if (!this.#mayServe(space)) this.#removals.tell(peer)
      else if (!this.#removals.isBack(peer)) sendRecords(this.#init.outbox, key, records, wraps)
    }
    this.retry()
  }

  spaceChanged(space: Uint8Array): void {
    const info = this.#init.replica.space(space)
    if (info === undefined) return
    const key = bytesToHex(space)
    const opened = this.#openings.ours.get(key)
    if (!info.isMember(this.#init.remote.twin)) {
      this.#feeds.get(key)?.stop()
      this.#openings.refuse(key)
      return
    }
    if (!this.#openings.hasSaid(info)) this.#openings.open(info)
    // The peer's OPEN may have come before the space was here or was accepted
    const peer = this.#openings.theirs.get(key)
    if (peer === undefined) return
    if (peer.mhead === undefined && opened?.isKnown === false) shareRecords(this.#init, peer, info)
    if (this.#feeds.get(key)?.isServing !== true) this.#serve(peer, info)
  }

  awareness(event: ReplicaEvents['awareness']): void {
    const { remote, replica } = this.#init
    const { space, document, bytes } = event
    if (!isTold(remote, event, replica.self)) return
    const key = bytesToHex(space)
    if (!this.#feeds.get(key)?.isServing || replica.space(space)?.mayRead(remote.twin) !== true) return
    this.#init.outbox.queueAwareness(key, document, bytes)
  }

  progress(): SpaceProgress[] {
    return progressOf(this.#init.replica, this.#openings, this.#feeds)
  }

  #receiveOpen(space: PeerSpace, { mhead, frontier, want }: Extract<Message, { type: 'open' }>): void {
    const { replica, remote } = this.#init
    space.mhead = mhead
    space.wants = want
    space.frontier = frontier
    this.#openings.theirs.set(space.key, space)
    this.#openings.refusals.delete(space.key)
    const info = replica.space(space.id)
    if (info === undefined) {
      if (!this.#openings.ours.has(space.key)) this.#openings.openUnknown(space)
      if (mhead === undefined) replica.heard?.(space.id, remote, 'unknown')
      return
    }
    if (!info.isMember(remote.twin)) {
      this.#feeds.get(space.key)?.stop()
      this.#removals.tell(space)
      this.#openings.refuse(space.key)
      return
    }
    replica.heard?.(space.id, remote, ...headIn(frontier, replica.self))
    if (this.#openings.ours.get(space.key)?.isKnown !== true) this.#openings.open(info)
    shareRecords(this.#init, space, info)
    this.#serve(space, info)
    this.#init.changed()
  }

  /** Sends what the peer lacked at its OPEN, if it wants it and may have it. */
  #serve(space: PeerSpace, info: SpaceInfo): void {
    const { replica, outbox, remote } = this.#init
    const feed = this.#feed(space)
    if (!space.wants || info.state === 'offered' || info.isUnread === true || this.#openings.refusals.has(space.key)) {
      feed.stop()
      return
    }
    feed.open(space.frontier, info.frontier(), replica.milestonesFor(space.id, space.frontier, remote.twin))
    outbox.feed(feed, true)
    this.#milestones.announce(space.id, feed)
    this.#claims.send(space.key, replica.durable(space.id))
    if (info.mayRead(remote.twin)) outbox.queuePresence(space.key, replica.presence?.(space.id, remote.twin) ?? [])
  }

  async #receiveRecords(space: PeerSpace, records: readonly Uint8Array[], wraps: readonly Uint8Array[]): Promise<void> {
    const { replica, remote } = this.#init
    const { changed, refused } = await replica.receiveRecords(space.id, records, wraps, remote)
    if (refused !== undefined) space.owes(refused)
    if (!changed) return
    // The replica says so too, but not every change of it is one of state
    this.spaceChanged(space.id)
    this.retry()
    this.#init.changed()
  }

  #feed({ id, key }: PeerSpace): SpaceFeed {
    const feed = this.#feeds.get(key) ?? new SpaceFeed(this.#init.replica, id, key)
    this.#feeds.set(key, feed)
    return feed
  }

  #mayServe(space: Uint8Array): boolean {
    return this.#init.replica.space(space)?.isMember(this.#init.remote.twin) === true
  }

  #isOpen(space: Uint8Array): boolean {
    const info = this.#init.replica.space(space)
    return info?.state === 'open' && info.isMember(this.#init.remote.twin)
  }
}
