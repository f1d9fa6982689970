import type { DecidedHead, LogHead } from '../log/index.ts'
import { MAX_REOPENS } from './limits.ts'
import { SyncError } from './sync-error.ts'

/** What the peer said about one space it opened. */
export class PeerSpace {
  readonly id: Uint8Array
  /** That the peer gave it */
  readonly number: number
  readonly key: string
  mhead: DecidedHead | undefined
  wants = false
  /** It has sent all it had when we opened last. */
  isDone = false
  /** Entries it has and we do not, as of its last OPEN and of the runs since. */
  frontier: readonly LogHead[] = []
  /** It was sent the keys for its device in this session */
  hasWraps = false
  /** Why the last of what it sent was not taken. */
  lastRefused: { readonly code: string; readonly reason: string } | undefined
  /** Something of it could not be taken for want of something else; ask again once something changed. */
  isOwed = false
  /** Something of it was too much at once; ask again once all else is here. */
  isOverflowing = false
  /** How often we asked again and got nothing new */
  retries = 0
  #opens = 0
  #since: number

  constructor(id: Uint8Array, number: number, key: string, now: number) {
    this.id = id
    this.number = number
    this.key = key
    this.#since = now
  }

  /** Records of it could not be taken yet. */
  owes(reason: string): void {
    this.isOwed = true
    this.lastRefused = { code: 'records', reason }
  }

  /** Counts an OPEN: each may cost reading and sending all there is. One a second is made good. */
  opened(now: number): void {
    const regained = Math.max(0, Math.floor((now - this.#since) / 1000))
    if (regained > 0) {
      this.#opens = Math.max(0, this.#opens - regained)
      this.#since = now
    }
    if (++this.#opens > MAX_REOPENS) throw new SyncError('flood', 'The peer opened a space too often')
  }
}
