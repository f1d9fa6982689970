import { bytesToHex, type LogId } from '../log/index.ts'
import type { Replica, SpaceInfo } from '../spaces/index.ts'
import { MAX_FRONTIER, MAX_RETRIES } from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { PeerSpace } from './peer-space.ts'

export interface SpaceOpeningsInit {
  readonly replica: Replica
  readonly remote: LogId
  readonly outbox: Outbox
}

/** What our last OPEN of a space said. */
export interface Opened {
  readonly want: boolean
  readonly isKnown: boolean
  /** It named none of our logs, because they could not be read */
  readonly isUnread: boolean
}

/** Which spaces either side has opened or refused in a session, and the messages that say so. By hexadecimal space id. */
export class SpaceOpenings {
  readonly ours = new Map<string, Opened>()
  readonly theirs = new Map<string, PeerSpace>()
  /** By the peer, of spaces that we opened */
  readonly refusals = new Map<string, { readonly code: string; readonly text: string }>()
  readonly #init: SpaceOpeningsInit

  constructor(init: SpaceOpeningsInit) {
    this.#init = init
  }

  openAll(): void {
    const { replica, remote } = this.#init
    for (const info of replica.spacesWith(remote.twin)) this.open(info)
    // Restored, we may have been in a space with the peer that is not here: its answer says so
    const unsure = replica.unsure?.(remote.twin)
    if (unsure !== undefined) this.openUnknown({ id: unsure, key: bytesToHex(unsure) })
  }

  /** Whether our last OPEN says how it is now. */
  hasSaid(info: SpaceInfo): boolean {
    const opened = this.ours.get(bytesToHex(info.id))
    if (opened?.isKnown !== true || opened.want !== (info.state === 'open')) return false
    return !opened.isUnread || info.isUnread === true
  }

  open(info: SpaceInfo): void {
    const { outbox } = this.#init
    const key = bytesToHex(info.id)
    const want = info.state === 'open'
    const frontier = info.state === 'offered' ? [] : info.frontier().slice(0, MAX_FRONTIER)
    const space = outbox.numbers.space(key)
    this.ours.set(key, { want, isKnown: true, isUnread: info.isUnread === true })
    const peer = this.theirs.get(key)
    if (peer !== undefined) peer.isDone = false
    outbox.queue({ type: 'open', space, id: info.id, mhead: info.mhead, frontier, want }, 80 + frontier.length * 76)
  }

  /** Asks for the records of a space that is news to us. */
  openUnknown({ id, key }: Pick<PeerSpace, 'id' | 'key'>): void {
    const { outbox } = this.#init
    this.ours.set(key, { want: false, isKnown: false, isUnread: false })
    outbox.queue({ type: 'open', space: outbox.numbers.space(key), id, mhead: undefined, frontier: [], want: false })
  }

  /** Asks for what could not be taken, a bounded number of times. */
  openAgain(space: PeerSpace): void {
    const { replica, remote } = this.#init
    if (space.retries >= MAX_RETRIES) return
    space.retries++
    space.isOwed = false
    space.isOverflowing = false
    const info = replica.space(space.id)
    if (info === undefined) this.openUnknown(space)
    else if (info.isMember(remote.twin)) this.open(info)
  }

  /** Names the space by the peer's own number: we may never have opened it. */
  refuse(key: string): void {
    const peer = this.theirs.get(key)
    if (peer === undefined) return
    const text = 'Your twin is not a member of this space'
    this.#init.outbox.queue({ type: 'refuse', space: peer.number, code: 'not-member', text })
  }
}
