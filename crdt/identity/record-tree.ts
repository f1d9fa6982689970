import { equals } from 'uint8arrays/equals'
import { toString as bytesToString } from 'uint8arrays/to-string'
import { type DecidedRecord, type Head, opensTerm } from './decided-record.ts'
import type { DecidedRules } from './decided-rules.ts'

const maxRecords = 65_536
const maxAside = 1024
const maxReplayed = 16

/** Two records of one term that contradict each other: anybody can check them, see `isForkProof`. */
export type ForkProof = readonly [Uint8Array, Uint8Array]

export type RefusedRecord =
  /** Not a record, not of this log, or its body is not to be believed */
  | 'Malformed'
  /** The record before it is not known: ask for the records before, then give it again */
  | 'Gap'
  /** Signed by a key that is not the term's keeper, or no longer entitled */
  | 'NotKeeper'
  /** Opens a term without being an authority */
  | 'NotAuthority'
  /** Not possible at its place */
  | 'Impossible'
  /** Too many records in all or of branches that lost */
  | 'Full'

export type AppendResult<B> =
  | { readonly outcome: 'known' }
  /** Valid, but a later term won: whoever wanted it proposes it again */
  | { readonly outcome: 'lost' }
  | { readonly outcome: 'refused'; readonly reason: RefusedRecord; readonly cause?: unknown }
  /** The log now has `added` instead of `dropped`; with a `proof` it is frozen there until an authority opens a new term */
  | {
      readonly outcome: 'added' | 'frozen'
      readonly added: readonly DecidedRecord<B>[]
      readonly dropped: readonly DecidedRecord<B>[]
      readonly proof?: ForkProof
    }

/** Why a record is not taken. */
export interface Refusal {
  readonly reason: RefusedRecord
  readonly cause?: unknown
}

interface Node<B> {
  readonly record: DecidedRecord<B>
  readonly parent: Node<B> | undefined
}

/**
 * All valid records of a decided log as a tree, and the log as it is read off it: the path to the highest term's last record; where
 * that term has several ends, their common beginning, frozen. Verifies no signatures: what comes in has been opened.
 */
export class RecordTree<S, B> {
  readonly #rules: DecidedRules<S, B>
  /** By hash; a record stands after the one before it */
  readonly #nodes = new Map<string, Node<B>>()
  /** Records of the highest term that none of the same term follows */
  #ends: Node<B>[] = []
  #chain: Node<B>[] = []
  #state: S | undefined
  #proof: ForkProof | undefined
  /** States of records before the last one, the oldest dropped first: entries name a few of them again and again */
  readonly #replayed = new Map<Node<B>, S>()

  constructor(rules: DecidedRules<S, B>) {
    this.#rules = rules
  }

  /** The state after the last record of the log */
  get state(): S | undefined {
    return this.#state
  }

  get proof(): ForkProof | undefined {
    return this.#proof
  }

  /** Of all valid records; 0 while there is none */
  get highestTerm(): number {
    return this.#ends[0]?.record.term ?? 0
  }

  /** Last record of the log */
  get last(): DecidedRecord<B> | undefined {
    return this.#chain.at(-1)?.record
  }

  get records(): readonly DecidedRecord<B>[] {
    return this.#chain.map(({ record }) => record)
  }

  has(hash: Uint8Array): boolean {
    return this.#nodes.has(keyOf(hash))
  }

  /** Number of all valid records */
  get size(): number {
    return this.#nodes.size
  }

  /** All valid records, of branches that lost too, each after the one before it: what to store. */
  all(): Uint8Array[] {
    return Array.from(this.#nodes.values(), ({ record }) => record.bytes)
  }

  /** All records that are known but no longer count. */
  aside(): DecidedRecord<B>[] {
    const counting = new Set(this.#chain)
    return Array.from(this.#nodes.values())
      .filter(node => !counting.has(node))
      .map(({ record }) => record)
  }

  /** What somebody with this head lacks; everything for somebody without, or with a head that is not known here. */
  since(head?: Head): Uint8Array[] {
    const known = head && this.#nodes.get(keyOf(head[2]))
    const theirs = new Set(known && pathTo(known))
    const missing = this.#chain.filter(node => !theirs.has(node))
    // A frozen log is passed on with what froze it, or others would go on believing one of the branches
    const chain = new Set(this.#chain)
    const disputed = this.#proof === undefined ? [] : this.#ends.flatMap(pathTo).filter(node => !chain.has(node))
    return Array.from(new Set([...missing, ...disputed]), ({ record }) => record.bytes)
  }

  /** The state as of a record that is on the log; `undefined` for any other. */
  stateAt(head: Head): S | undefined {
    const node = this.#chain[head[1]] // a log begins with sequence 0
    return node !== undefined && equals(node.record.hash, head[2]) ? this.#stateAfter(node) : undefined
  }

  /** Waits for nothing: inserts cannot interleave. */
  insert(record: DecidedRecord<B>): AppendResult<B> {
    const key = keyOf(record.hash)
    if (this.#nodes.has(key)) return { outcome: 'known' }
    const parent = this.#parentOf(record)
    const refused = this.check(record)
    if (refused !== undefined) return { outcome: 'refused', ...refused }
    const node: Node<B> = { record, parent }
    this.#nodes.set(key, node)
    const highest = this.#ends[0]?.record.term ?? -1
    if (record.term < highest) return { outcome: 'lost' }
    if (record.term > highest) this.#ends = [node]
    else this.#ends = [...this.#ends.filter(end => end !== parent), node]
    return this.#choose()
  }

  /** Why a record would not be taken now. */
  check(record: DecidedRecord<B>): Refusal | undefined {
    const parent = this.#parentOf(record)
    if (record.prev !== undefined && parent === undefined) return { reason: 'Gap' }
    if (parent !== undefined && record.seq !== parent.record.seq + 1) return { reason: 'Malformed' }
    if (this.#isFull(record, parent)) return { reason: 'Full' }
    const before = this.#stateAfter(parent)
    try {
      if (opensTerm(record)) {
        if (parent !== undefined && record.term <= parent.record.term) return { reason: 'Impossible' }
        if (!this.#rules.mayOpen(record, before)) return { reason: 'NotAuthority' }
      } else {
        // openRecord() has refused a first record of any other kind
        if (parent === undefined || before === undefined) return { reason: 'Malformed' }
        if (record.term !== parent.record.term) return { reason: 'Malformed' }
        if (!equals(record.signer, parent.record.keeper)) return { reason: 'NotKeeper' }
        if (!this.#rules.mayKeep(record, before)) return { reason: 'NotKeeper' }
      }
      this.#rules.apply(record, before)
    } catch (cause) {
      return { reason: 'Impossible', cause }
    }
    return undefined
  }

  /** A keeper that contradicts itself without end fills the side, but never keeps an authority from taking over. */
  #isFull({ term }: DecidedRecord<B>, parent: Node<B> | undefined): boolean {
    if (this.#ends.length === 0 || term > this.#ends[0]!.record.term) return false
    if (this.#nodes.size >= maxRecords) return true
    const extendsLog = this.#proof === undefined && parent !== undefined && parent === this.#ends[0]
    return !extendsLog && this.#nodes.size - this.#chain.length >= maxAside
  }

  #choose(): AppendResult<B> {
    const before = this.#chain
    const [end] = this.#ends
    if (this.#ends.length === 1 && before.length > 0 && end!.parent === before.at(-1)) {
      // Nearly always; the long way round comes to the same
      this.#state = this.#stateAfter(end)
      this.#proof = undefined
      before.push(end!)
      return { outcome: 'added', added: [end!.record], dropped: [] }
    }
    const paths = this.#ends.map(pathTo)
    const first = paths[0]!
    const common = first.findIndex((node, index) => paths.some(path => path[index] !== node))
    this.#chain = common < 0 ? first : first.slice(0, common)
    this.#proof = this.#ends.length === 1 ? undefined : contradiction(paths)
    this.#state = this.#stateAfter(this.#chain.at(-1), before)
    const kept = before.findIndex((node, index) => this.#chain[index] !== node)
    const keptCount = kept < 0 ? before.length : kept
    return {
      outcome: this.#proof === undefined ? 'added' : 'frozen',
      added: this.#chain.slice(keptCount).map(({ record }) => record),
      dropped: before.slice(keptCount).map(({ record }) => record),
      proof: this.#proof
    }
  }

  /** Replays the path, or takes the one step from the state that is at hand. */
  #stateAfter(node: Node<B> | undefined, chain = this.#chain): S | undefined {
    if (node === undefined) return undefined
    if (node === chain.at(-1)) return this.#state
    if (node.parent !== undefined && node.parent === chain.at(-1)) return this.#rules.apply(node.record, this.#state)
    const known = this.#replayed.get(node)
    if (known !== undefined) return known
    const state = pathTo(node).reduce<S | undefined>((state, { record }) => this.#rules.apply(record, state), undefined)
    this.#replayed.set(node, state!) // a path has at least one record
    if (this.#replayed.size > maxReplayed) this.#replayed.delete(this.#replayed.keys().next().value!)
    return state
  }

  #parentOf({ prev }: DecidedRecord<B>): Node<B> | undefined {
    return prev === undefined ? undefined : this.#nodes.get(keyOf(prev))
  }
}

function pathTo<B>(node: Node<B>): Node<B>[] {
  const path: Node<B>[] = []
  for (let at: Node<B> | undefined = node; at !== undefined; at = at.parent) path.push(at)
  return path.reverse()
}

/** Two openings of the highest term if there are two, else the two records after which its ends part. */
function contradiction<B>([one, other]: Node<B>[][]): ForkProof {
  const term = one!.at(-1)!.record.term
  const opening = (path: Node<B>[]): number => path.findIndex(({ record }) => record.term === term)
  let [at, otherAt] = [opening(one!), opening(other!)]
  while (one![at] === other![otherAt]) {
    at++
    otherAt++
  }
  return [one![at]!.record.bytes, other![otherAt]!.record.bytes]
}

function keyOf(hash: Uint8Array): string {
  return bytesToString(hash, 'base64')
}
