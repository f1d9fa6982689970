import { bytesToHex, hexToBytes, type LogId } from '../log/index.ts'
import type { LogRun, Replica, ReplicaEvents, SpaceInfo } from '../spaces/index.ts'
import { ClaimShare } from './claim-share.ts'
import type { Received } from './inbox.ts'
import { MAX_FRONTIER, MAX_RETRIES } from './limits.ts'
import type { Message } from './message.ts'
import { isSameLog } from './numbers.ts'
import type { Outbox } from './outbox.ts'
import type { PeerSpace } from './peer-space.ts'
import { sendRecords, shareRecords } from './share-records.ts'
import { SpaceFeed } from './space-feed.ts'
import { countLacking, type SpaceProgress } from './space-progress.ts'
import { SyncError } from './sync-error.ts'

export interface SpaceExchangeInit {
  readonly replica: Replica
  readonly remote: LogId
  readonly outbox: Outbox
  changed(): void
}

/** What our last OPEN of a space said. */
interface Opened {
  readonly want: boolean
  readonly isKnown: boolean
}

/** Refusals after which the peer is not believed any more: it passed on what does not verify. */
const DISHONEST: readonly string[] = ['malformed', 'signature']

/** Everything about spaces in one session: what is told to the peer, and what becomes of what it tells. */
export class SpaceExchange {
  readonly #init: SpaceExchangeInit
  readonly #opened = new Map<string, Opened>()
  /** Spaces that the peer opened */
  readonly #peers = new Map<string, PeerSpace>()
  readonly #refusals = new Map<string, { readonly code: string; readonly text: string }>()
  readonly #feeds = new Map<string, SpaceFeed>()
  readonly #claims: ClaimShare

  constructor(init: SpaceExchangeInit) {
    this.#init = init
    this.#claims = new ClaimShare(init.remote, init.outbox)
  }

  openAll(): void {
    const { replica, remote } = this.#init
    for (const info of replica.spacesWith(remote.twin)) this.#open(info)
  }

  close(): void {
    for (const feed of this.#feeds.values()) feed.stop()
  }

  async receive({ message, space, log, by }: Received<PeerSpace>): Promise<void> {
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
        if (space.isOverflowing) this.#openAgain(space)
        this.#init.changed()
        break
      case 'durable':
        if (by !== undefined && log !== undefined) {
          if (isSameLog(by, remote)) this.#feeds.get(space.key)?.has(log, message.seq)
          await replica.receiveDurable(space.id, [{ by, log, seq: message.seq, signature: message.signature }], remote)
        }
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
    this.#refusals.set(key, { code, text })
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
    if (refused === undefined) return
    if (DISHONEST.includes(refused.code)) {
      throw new SyncError('refused', `The peer sent a run that does not verify: ${refused.reason}`)
    }
    if (refused.code === 'failed') throw new SyncError('replica', refused.reason)
    if (refused.code === 'chain') this.#openAgain(space)
    else if (refused.code === 'later') space.isOwed = true
    else if (refused.code === 'budget') space.isOverflowing = true
    this.#init.changed()
  }

  /** Something arrived that earlier refusals may have waited for. */
  retry(): void {
    for (const space of this.#peers.values()) if (space.isOwed) this.#openAgain(space)
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

  recordsAdded({ space, records, wraps, from }: ReplicaEvents['records']): void {
    const key = bytesToHex(space)
    if (from !== undefined && isSameLog(from, this.#init.remote)) return
    // The peer may be a member by what was just decided
    if (!this.#opened.has(key)) this.spaceChanged(space)
    if (this.#peers.has(key) && !this.#refusals.has(key) && this.#mayServe(space))
      sendRecords(this.#init.outbox, key, records, wraps)
    this.retry()
  }

  spaceChanged(space: Uint8Array): void {
    const { replica, remote } = this.#init
    const info = replica.space(space)
    if (info === undefined) return
    const key = bytesToHex(space)
    const opened = this.#opened.get(key)
    if (!info.isMember(remote.twin)) {
      this.#feeds.get(key)?.stop()
      this.#refuse(key)
      return
    }
    if (opened === undefined || !opened.isKnown || opened.want !== (info.state === 'open')) this.#open(info)
    // The peer's OPEN may have come before the space was here or was accepted
    const peer = this.#peers.get(key)
    if (peer !== undefined && this.#feeds.get(key)?.isServing !== true) this.#serve(peer, info)
  }

  awareness({ space, document, bytes }: ReplicaEvents['awareness']): void {
    const key = bytesToHex(space)
    if (!this.#feeds.get(key)?.isServing || !this.#mayServe(space)) return
    this.#init.outbox.queueAwareness(key, document, bytes)
  }

  progress(): SpaceProgress[] {
    const keys = new Set([...this.#opened.keys(), ...this.#peers.keys()])
    return Array.from(keys, key => {
      const peer = this.#peers.get(key)
      const feed = this.#feeds.get(key)
      return {
        id: hexToBytes(key),
        isShared: peer?.wants === true && this.#opened.get(key)?.want === true,
        isReceived: peer?.isDone === true,
        isSent: feed?.isServing === true && !feed.hasMore,
        lacking:
          peer === undefined ? 0 : countLacking(peer.frontier, this.#init.replica.space(peer.id)?.frontier() ?? []),
        refusal: this.#refusals.get(key),
        lastRefused: peer?.lastRefused
      }
    })
  }

  #receiveOpen(space: PeerSpace, { mhead, frontier, want }: Extract<Message, { type: 'open' }>): void {
    const { replica, remote } = this.#init
    space.mhead = mhead
    space.wants = want
    space.frontier = frontier
    this.#peers.set(space.key, space)
    this.#refusals.delete(space.key)
    const info = replica.space(space.id)
    if (info === undefined) {
      if (!this.#opened.has(space.key)) this.#openUnknown(space)
      return
    }
    if (!info.isMember(remote.twin)) {
      this.#feeds.get(space.key)?.stop()
      this.#refuse(space.key)
      return
    }
    if (this.#opened.get(space.key)?.isKnown !== true) this.#open(info)
    shareRecords(this.#init, space, info)
    this.#serve(space, info)
    this.#init.changed()
  }

  /** Sends what the peer lacked at its OPEN, if it wants it and may have it. */
  #serve(space: PeerSpace, info: SpaceInfo): void {
    const { replica, outbox } = this.#init
    const feed = this.#feed(space)
    if (!space.wants || info.state === 'offered' || this.#refusals.has(space.key)) {
      feed.stop()
      return
    }
    feed.open(space.frontier, info.frontier())
    outbox.feed(feed, true)
    this.#claims.send(space.key, replica.durable(space.id))
  }

  async #receiveRecords(space: PeerSpace, records: readonly Uint8Array[], wraps: readonly Uint8Array[]): Promise<void> {
    const { replica, remote } = this.#init
    const { changed, refused } = await replica.receiveRecords(space.id, records, wraps, remote)
    if (refused !== undefined) {
      space.isOwed = true
      space.lastRefused = { code: 'records', reason: refused }
    }
    if (!changed) return
    // The replica says so too, but not every change of it is one of state
    this.spaceChanged(space.id)
    this.retry()
    this.#init.changed()
  }

  #open(info: SpaceInfo): void {
    const { outbox } = this.#init
    const key = bytesToHex(info.id)
    const want = info.state === 'open'
    const frontier = info.state === 'offered' ? [] : info.frontier().slice(0, MAX_FRONTIER)
    const space = outbox.numbers.space(key)
    this.#opened.set(key, { want, isKnown: true })
    const peer = this.#peers.get(key)
    if (peer !== undefined) peer.isDone = false
    outbox.queue({ type: 'open', space, id: info.id, mhead: info.mhead, frontier, want }, 80 + frontier.length * 76)
  }

  /** Asks for the records of a space that is news to us. */
  #openUnknown({ id, key }: PeerSpace): void {
    const { outbox } = this.#init
    this.#opened.set(key, { want: false, isKnown: false })
    outbox.queue({ type: 'open', space: outbox.numbers.space(key), id, mhead: undefined, frontier: [], want: false })
  }

  /** Asks for what could not be taken, a bounded number of times. */
  #openAgain(space: PeerSpace): void {
    const { replica, remote } = this.#init
    if (space.retries >= MAX_RETRIES) return
    space.retries++
    space.isOwed = false
    space.isOverflowing = false
    const info = replica.space(space.id)
    if (info === undefined) this.#openUnknown(space)
    else if (info.isMember(remote.twin)) this.#open(info)
  }

  /** Names the space by the peer's own number: we may never have opened it. */
  #refuse(key: string): void {
    const peer = this.#peers.get(key)
    if (peer === undefined) return
    const text = 'Your twin is not a member of this space'
    this.#init.outbox.queue({ type: 'refuse', space: peer.number, code: 'not-member', text })
  }

  #feed({ id, key }: PeerSpace): SpaceFeed {
    let feed = this.#feeds.get(key)
    if (feed === undefined) {
      feed = new SpaceFeed(this.#init.replica, id, key)
      this.#feeds.set(key, feed)
    }
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
