import { equals } from 'uint8arrays/equals'
import type { Encodable } from '../codec.ts'
import type { Crypto, MaybePromise, Signer } from '../crypto/index.ts'
import { DecidedLog, type DecidedRules, type ForkProof, type Head } from '../identity/index.ts'
import { applyRecord } from './apply-record.ts'
import { type MembershipBody, readBody } from './bodies.ts'
import type { MembershipView } from './membership-view.ts'

/** What the device lists say about who may keep a space's membership. */
export interface Authority {
  /**
   * Whether the key is or was the signing key of an admin device of this twin; `undefined` when the device list that would say so is not
   * here yet. Once true it stays true: history keeps its meaning, a revoked keeper is answered by a take-over.
   */
  isAdmin(twin: Uint8Array, signingKey: Uint8Array): boolean | undefined
}

export interface MembershipInit {
  readonly space: Uint8Array
  /** The twin whose replica this is: a direct space is one of its own, or somebody else's genesis could squat its id */
  readonly me: Uint8Array
  readonly authority: Authority
  readonly crypto: Crypto
  /** Awaited with each record that is decided here before it counts: write it to synced storage (see DecidedLog). */
  readonly beforeDecide?: (record: Uint8Array) => MaybePromise<void>
}

export type AppendOutcome =
  /** `dropped`: a take-over outranked records that were believed; views of them are gone. */
  | { readonly ok: true; readonly isNew: boolean; readonly dropped: number }
  /** `later`: worth another try once device lists or the records before it arrived. `lacks`: the twin whose device list is not here. */
  | { readonly ok: false; readonly reason: string; readonly later: boolean; readonly lacks?: Uint8Array }

/** Who belongs to a space: a decided log of membership records, with a view for each of its heads (FORMATS §4, §5). */
export class Membership {
  readonly space: Uint8Array
  readonly #log: DecidedLog<MembershipView, MembershipBody>
  /** Views by the sequence of their record; cut back when records are dropped */
  #views: { readonly hash: Uint8Array; readonly view: MembershipView }[] = []
  #lacks: Uint8Array | undefined

  constructor({ space, me, authority, crypto, beforeDecide }: MembershipInit) {
    this.space = space
    const mayDecide = (view: MembershipView | undefined, body: MembershipBody, key: Uint8Array): boolean => {
      const decider = body.kind === 'genesis' ? body.genesis.decider : view?.decider
      const isAdmin = decider === undefined ? false : authority.isAdmin(decider, key)
      if (isAdmin === undefined) this.#lacks = decider
      return isAdmin === true
    }
    const rules: DecidedRules<MembershipView, MembershipBody> = {
      log: space,
      read: record => readBody(record.kind, record.body),
      mayOpen: ({ body, signer, keeper }, before) =>
        mayDecide(before, body, signer) && (equals(signer, keeper) || mayDecide(before, body, keeper)),
      mayKeep: ({ body, signer }, before) => mayDecide(before, body, signer),
      apply: (record, before) => applyRecord(before, record, { space, me, crypto })
    }
    this.#log = new DecidedLog({ rules, crypto, beforeDecide })
  }

  /** Absent before the genesis is here. */
  get head(): Head | undefined {
    return this.#log.head
  }

  /** As of the head. */
  get view(): MembershipView | undefined {
    return this.#log.state
  }

  /** Signing key of the device that decides now. */
  get keeper(): Uint8Array | undefined {
    return this.#log.keeper
  }

  /** Two records that contradict each other: the space takes nothing new until an authority takes over. */
  get proof(): ForkProof | undefined {
    return this.#log.proof
  }

  /** As of an earlier head; `undefined` when it is not on this chain. */
  at([, seq, hash]: Head): MembershipView | undefined {
    const entry = this.#views[seq]
    return entry !== undefined && equals(entry.hash, hash) ? entry.view : undefined
  }

  /** Whether the head is on this chain, and not after `other` if that is given: authors never go back. */
  isAt(head: Head, other?: Head): boolean {
    return this.at(head) !== undefined && (other === undefined || head[1] <= other[1])
  }

  /** Takes a record from anywhere. Never throws on what others made. */
  async append(record: Uint8Array): Promise<AppendOutcome> {
    this.#lacks = undefined
    const result = await this.#log.append(record)
    if (result.outcome === 'refused') {
      const lacks = this.#lacks
      return { ok: false, reason: result.reason, later: result.reason === 'Gap' || lacks !== undefined, lacks }
    }
    if (result.outcome === 'known' || result.outcome === 'lost') return { ok: true, isNew: false, dropped: 0 }
    this.#follow()
    return { ok: true, isNew: true, dropped: result.dropped.length }
  }

  /** Records beyond a head; all of them without one, or with one that is not known here. */
  since(head?: Head): Uint8Array[] {
    return this.#log.since(head)
  }

  /** Number of all valid records */
  get size(): number {
    return this.#log.size
  }

  /** All valid records, also of branches that lost: what to store. */
  all(): Uint8Array[] {
    return this.#log.all()
  }

  /**
   * As the keeper, decides the next record and answers its bytes.
   *
   * @throws {Error} when the signer is not the keeper, the membership is frozen or the record is not allowed
   */
  async decide(kind: string, body: Body, signer: Signer, at: number): Promise<Uint8Array> {
    const record = await this.#log.propose(kind, body, signer, at)
    this.#follow()
    return record.bytes
  }

  /** See `DecidedLog.recover`. */
  async recover(): Promise<Uint8Array | undefined> {
    const record = await this.#log.recover()
    this.#follow()
    return record?.bytes
  }

  /** As an admin device of the deciding twin, becomes the keeper. */
  async takeOver(signer: Signer, at: number): Promise<Uint8Array> {
    const record = await this.#log.takeOver({ keeper: signer.publicKey, signer, at })
    this.#follow()
    return record.bytes
  }

  /** Brings the views in line with the log. */
  #follow(): void {
    const records = this.#log.records
    let same = 0
    while (same < this.#views.length && isView(this.#views[same], records[same])) same++
    this.#views = this.#views.slice(0, same)
    for (const record of records.slice(same)) {
      const view = this.#log.stateAt([record.term, record.seq, record.hash])
      if (view !== undefined) this.#views.push({ hash: record.hash, view })
    }
  }
}

type Body = { readonly [field: string]: Encodable | undefined }

function isView(entry: { readonly hash: Uint8Array } | undefined, record: { readonly hash: Uint8Array } | undefined) {
  return entry !== undefined && record !== undefined && equals(entry.hash, record.hash)
}
