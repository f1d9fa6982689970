import { clientId, type DecidedHead, type LogId, zeroHash } from '../log/index.ts'

/** Hashes kept in memory, so that dependencies on recent entries are checked without reading. */
const keptHashes = 16_384

/** Where a shortened log begins, and signed places before that, by which a fork can still be shown (FORMATS §20). */
export interface LogBase {
  readonly seq: number
  readonly hash: Uint8Array
  readonly mhead: DecidedHead | undefined
  readonly anchors: readonly Anchor[]
}

/** The author signed the hash of the entry. */
export type Anchor = readonly [seq: number, hash: Uint8Array, signature: Uint8Array]

const noBase: LogBase = { seq: 0, hash: zeroHash, mhead: undefined, anchors: [] }

/** What is known of one log of a space. Ahead of the disk by the groups that are being written. */
export class SpaceLog {
  readonly id: LogId
  readonly member: number
  /** Yjs client id, unique in the space. */
  readonly client: number
  /** The log's part of store keys. */
  readonly key: string
  seq = 0
  /** Entries up to here were dropped: the documents have what they did from a milestone. */
  base: LogBase = noBase
  /** Sequence number of the last entry on synced storage. */
  durable = 0
  hash: Uint8Array
  /** Membership head of the last entry; never goes back. */
  mhead: DecidedHead | undefined
  /** Two histories were signed: nothing more is taken. */
  isFrozen = false
  readonly #hashes = new Map<number, Uint8Array>()

  constructor(init: { id: LogId; member: number; key: string; hash: Uint8Array }) {
    this.id = init.id
    this.member = init.member
    this.client = clientId(init.member, init.id.device)
    this.key = init.key
    this.hash = init.hash
  }

  advance(seq: number, hash: Uint8Array): void {
    this.seq = seq
    this.hash = hash
    this.#hashes.set(seq, hash)
    if (this.#hashes.size > keptHashes) this.#hashes.delete(this.#hashes.keys().next().value as number)
  }

  /** The hash of an entry, if it is the head or was added lately. */
  recentHash(seq: number): Uint8Array | undefined {
    return seq === this.seq ? this.hash : this.#hashes.get(seq)
  }
}
