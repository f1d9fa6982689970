import { bytesToHex, isSameLog, type LogHead, type LogId } from '../log/index.ts'
import { MAX_LOGS, MAX_SPACES } from './limits.ts'
import { findRunHead, mheadOf, putBack } from './run-head.ts'
import { SyncError } from './sync-error.ts'

/** Gives small numbers in order of first mention, for one direction of a session. */
export class Numbers {
  readonly #spaces = new Map<string, number>()
  readonly #keys: string[] = []
  readonly #logs = new Map<string, number>()

  /** The number of a space; a new one is given with its first OPEN. */
  space(key: string): number {
    const known = this.#spaces.get(key)
    if (known !== undefined) return known
    this.#spaces.set(key, this.#keys.length)
    return this.#keys.push(key) - 1
  }

  /** The space that was given a number. */
  keyOf(number: number): string | undefined {
    return this.#keys[number]
  }

  /** The number of a log, and whether it is new: then a LOG goes first. */
  log(spaceKey: string, log: LogId): { readonly number: number; readonly isNew: boolean } {
    const key = `${spaceKey}${logKey(log)}`
    const known = this.#logs.get(key)
    if (known !== undefined) return { number: known, isNew: false }
    this.#logs.set(key, this.#logs.size)
    return { number: this.#logs.size - 1, isNew: true }
  }

  /** Whether the tables are about full: the session is to be ended and opened anew. */
  get isFull(): boolean {
    return this.#spaces.size >= MAX_SPACES || this.#logs.size >= MAX_LOGS - 1024
  }
}

/** What the numbers of the peer stand for. A number that was not given in order is malformed. */
export class PeerNumbers<S> {
  readonly #spaces: S[] = []
  readonly #logs: { readonly space: S; readonly log: LogId; mhead?: Uint8Array }[] = []

  /** The space of an OPEN: a known number, or the next one, which `create` makes. */
  open(number: number, create: () => S): S {
    if (number === this.#spaces.length) this.#spaces.push(create())
    return this.space(number)
  }

  space(number: number): S {
    const space = this.#spaces[number]
    if (space === undefined) throw new SyncError('malformed', 'The peer named a space that it did not open')
    return space
  }

  name(number: number, space: S, log: LogId): void {
    if (number !== this.#logs.length) throw new SyncError('malformed', 'The peer named its logs out of order')
    this.#logs.push({ space, log })
  }

  log(number: number, space: S): LogId {
    return this.#entry(number, space).log
  }

  /** A run as it was before its head was left out: the membership head is that of the run before. */
  whole(number: number, space: S, run: Uint8Array): Uint8Array {
    const entry = this.#entry(number, space)
    const head = findRunHead(run)
    const mhead = mheadOf(run, head)
    if (mhead !== undefined) {
      entry.mhead = mhead.slice()
      return run
    }
    if (entry.mhead === undefined) throw new SyncError('malformed', 'The first run of a log lacks its membership head')
    return putBack(run, head, entry.mhead)
  }

  #entry(number: number, space: S) {
    const entry = this.#logs[number]
    if (entry === undefined || entry.space !== space) {
      throw new SyncError('malformed', 'The peer used a log that it did not name')
    }
    return entry
  }
}

/** Claims name the same few logs in every session. */
const keys = new WeakMap<LogId, string>()

export function logKey(log: LogId): string {
  let key = keys.get(log)
  if (key === undefined) {
    key = `${bytesToHex(log.twin)}/${log.device}`
    keys.set(log, key)
  }
  return key
}

/** How much of a log a frontier names. */
export function headIn(frontier: readonly LogHead[], log: LogId): [seq: number, hash?: Uint8Array] {
  const head = frontier.find(([twin, device]) => isSameLog({ twin, device }, log))
  return head === undefined ? [0] : [head[2], head[3]]
}
