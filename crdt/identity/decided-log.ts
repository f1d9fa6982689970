import { equals } from 'uint8arrays/equals'
import type { Encodable } from '../codec.ts'
import type { Crypto, MaybePromise, Signer } from '../crypto/index.ts'
import {
  type DecidedRecord,
  type DecidedRecordInit,
  type Head,
  headOf,
  openRecord,
  recordHash,
  sealRecord
} from './decided-record.ts'
import type { DecidedRules } from './decided-rules.ts'
import { type AppendResult, type ForkProof, RecordTree } from './record-tree.ts'

export interface DecidedLogInit<S, B> {
  readonly rules: DecidedRules<S, B>
  readonly crypto: Crypto
  /**
   * Awaited with each record that is decided here before it counts. A keeper that forgets a record after others saw it would
   * sign a second one in its place and freeze its own log: write it down here.
   */
  readonly beforeDecide?: (record: Uint8Array) => MaybePromise<void>
}

export interface TakeOverInit {
  /** Signing key of the new keeper */
  readonly keeper: Uint8Array
  /** The authority */
  readonly signer: Signer
  /** More fields of the body, besides `keeper` */
  readonly body?: { readonly [field: string]: Encodable | undefined }
  /** One more than the present term if not given */
  readonly term?: number
  /** ms since 1970 */
  readonly at: number
}

/**
 * Hash-linked records from one keeper in one term (FORMATS §4). All valid records are kept as a tree and the log is read off it, so that
 * its content depends on which records are known and never on the order in which they came:
 * the path to the highest term's last record; where that term has several ends, their common beginning, frozen.
 */
export class DecidedLog<S, B> {
  readonly #rules: DecidedRules<S, B>
  readonly #crypto: Crypto
  readonly #beforeDecide: (record: Uint8Array) => MaybePromise<void>
  readonly #tree: RecordTree<S, B>
  #deciding: Promise<unknown> = Promise.resolve()
  /** A record whose writing failed: whether it is on the disk is unknown, and another in its place could be a fork. */
  #unwritten: DecidedRecord<B> | undefined

  constructor({ rules, crypto, beforeDecide = () => {} }: DecidedLogInit<S, B>) {
    this.#rules = rules
    this.#crypto = crypto
    this.#beforeDecide = beforeDecide
    this.#tree = new RecordTree(rules)
  }

  get head(): Head | undefined {
    const { last } = this.#tree
    return last && headOf(last)
  }

  /** Signing key of who decides now */
  get keeper(): Uint8Array | undefined {
    return this.#tree.last?.keeper
  }

  get state(): S | undefined {
    return this.#tree.state
  }

  /** Set while two records of the highest term contradict each other */
  get proof(): ForkProof | undefined {
    return this.#tree.proof
  }

  /** The records of the log in order */
  get records(): readonly DecidedRecord<B>[] {
    return this.#tree.records
  }

  /** Whether a record of this hash is here, on the chain or aside. */
  has(hash: Uint8Array): boolean {
    return this.#tree.has(hash)
  }

  /** Number of all valid records */
  get size(): number {
    return this.#tree.size
  }

  /** All valid records, of branches that lost too, each after the one before it: what to store. */
  all(): Uint8Array[] {
    return this.#tree.all()
  }

  /** All records that are known but no longer count. */
  aside(): DecidedRecord<B>[] {
    return this.#tree.aside()
  }

  /** What somebody with this head lacks; everything for somebody without, or with a head that is not known here. */
  since(head?: Head): Uint8Array[] {
    return this.#tree.since(head)
  }

  /** The state as of a record that is on the log; `undefined` for any other. */
  stateAt(head: Head): S | undefined {
    return this.#tree.stateAt(head)
  }

  /** Takes a record from anywhere. Never throws on what others made. */
  async append(bytes: Uint8Array): Promise<AppendResult<B>> {
    let record: DecidedRecord<B>
    // Before the signature, which costs a hundred times as much: peers send again what they are not sure we have
    const hash = recordHash(bytes, this.#crypto)
    if (this.#tree.has(hash)) return { outcome: 'known' }
    try {
      const opened = await openRecord(bytes, this.#crypto, hash)
      if (!equals(opened.log, this.#rules.log)) return { outcome: 'refused', reason: 'Malformed' }
      record = { ...opened, body: await this.#rules.read(opened) }
    } catch (cause) {
      return { outcome: 'refused', reason: 'Malformed', cause }
    }
    return this.#tree.insert(record)
  }

  /**
   * As the keeper, decide the next record.
   *
   * @throws {Error} when the signer is not the keeper, the log is frozen or the record is not possible
   */
  propose(kind: string, body: DecidedBody, signer: Signer, at: number): Promise<DecidedRecord<B>> {
    return this.#decide(signer, () => {
      const last = this.#tree.last
      if (last === undefined) throw new Error('The log has no first record yet')
      if (this.#tree.proof !== undefined) throw new Error('The log is frozen until an authority takes over')
      if (!equals(last.keeper, signer.publicKey)) throw new Error('Only the keeper decides; others propose to it')
      const { log, term, keeper, hash } = last
      return { log, term, seq: last.seq + 1, prev: hash, keeper, at, kind, body }
    })
  }

  /**
   * As an authority, open the next term from the present end of the log.
   *
   * @throws {Error} when the signer is no authority or the keeper not possible
   */
  takeOver({ keeper, signer, body = {}, term, at }: TakeOverInit): Promise<DecidedRecord<B>> {
    return this.#decide(signer, () => {
      const last = this.#tree.last
      return {
        log: this.#rules.log,
        term: Math.max(term ?? 0, this.#tree.highestTerm + 1),
        seq: last === undefined ? 0 : last.seq + 1,
        prev: last?.hash,
        keeper,
        at,
        kind: 'takeover',
        body: { ...body, keeper }
      }
    })
  }

  /**
   * Writes a decided record down whose writing failed before, and answers it; the next decision would do the same.
   *
   * @throws {Error} when it cannot be written yet
   */
  recover(): Promise<DecidedRecord<B> | undefined> {
    const recovered = this.#deciding.then(() => this.#writeAgain())
    this.#deciding = recovered.catch(() => {})
    return recovered
  }

  /** One at a time: two records at one place would be a fork of our own making. */
  #decide(signer: Signer, next: () => DecidedRecordInit): Promise<DecidedRecord<B>> {
    const decided = this.#deciding.then(async () => {
      await this.#writeAgain()
      const opened = await openRecord(await sealRecord(next(), signer), this.#crypto)
      const record = { ...opened, body: await this.#rules.read(opened) }
      const refused = this.#tree.check(record)
      if (refused !== undefined) throw new Error(`The record is not accepted here: ${refused.reason}`, refused)
      await this.#write(record)
      return record
    })
    this.#deciding = decided.catch(() => {})
    return decided
  }

  /** As it is; unless somebody has decided otherwise meanwhile. */
  async #writeAgain(): Promise<DecidedRecord<B> | undefined> {
    const record = this.#unwritten
    if (record === undefined) return undefined
    if (this.#tree.check(record) !== undefined || this.#tree.has(record.hash)) this.#unwritten = undefined
    else await this.#write(record)
    return this.#tree.has(record.hash) ? record : undefined
  }

  async #write(record: DecidedRecord<B>): Promise<void> {
    try {
      await this.#beforeDecide(record.bytes)
    } catch (cause) {
      this.#unwritten = record
      throw new Error('The record could not be written down', { cause })
    }
    this.#unwritten = undefined
    const { outcome } = this.#tree.insert(record)
    if (outcome !== 'added') throw new Error(`The record did not get into the log: ${outcome}`)
  }
}

type DecidedBody = { readonly [field: string]: Encodable | undefined }
