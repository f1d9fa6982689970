import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../codec.ts'
import { asList, asUint, bytesToHex, type LogId, zeroHash } from '../log/index.ts'
import { type Batch, SpaceKeys, StoreError } from '../store/index.ts'
import { durablePreimage } from './durability.ts'
import type { OwnHeads } from './own-heads.ts'
import type { DurableClaim } from './replica.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/**
 * Whether this device's own log is what others know of it. A disk that was set back, by a backup or a snapshot of the machine, looks
 * like any other at a start; to write on and show it would sign a second history under numbers that were used. So entries that are
 * written after a start are shown to nobody until a peer has sent all it has of the log, or a witness had it that all that was ever
 * shown is here. If a peer has more, ours are set aside, its entries are taken, and ours are written again behind them.
 */
export class OwnHistory {
  readonly #context: SpaceContext
  readonly #heads: Pick<OwnHeads, 'isHeld'>
  #log: SpaceLog | undefined
  #isConfirmed: boolean
  /** Last entry that others may know of, with its hash. */
  #base = 0
  #baseHash: Uint8Array = zeroHash
  #hasRow = false
  /** What connected devices say to have of the log, while it is more than is here. */
  readonly #claims = new Map<string, { readonly seq: number; readonly hash?: Uint8Array }>()
  /** Somebody has sent all it had. */
  #wasAnswered = false
  /** Another history than what was written here was seen, with a valid signature. */
  #isDisproved = false
  /** The rows of the index still say what was set aside. */
  #isIndexStale = false
  /** Up to where a device has signed that it holds the log. */
  #signed = 0

  constructor(context: SpaceContext, isConfirmed: boolean, heads: Pick<OwnHeads, 'isHeld'>) {
    this.#context = context
    this.#isConfirmed = isConfirmed
    this.#heads = heads
  }

  get isConfirmed(): boolean {
    return this.#isConfirmed
  }

  /** Last entry that others may know of. */
  get base(): number {
    return this.#base
  }

  get isDisproved(): boolean {
    return this.#isDisproved
  }

  get isIndexStale(): boolean {
    return this.#isIndexStale
  }

  /** Entries of the own log that nobody was shown yet. */
  get unshown(): number {
    return this.#isConfirmed ? 0 : (this.#log?.durable ?? 0) - this.#base
  }

  /** Entries that somebody holds, which are not here and did not come: others have dropped them behind a milestone. */
  get behind(): number {
    return this.#isConfirmed ? 0 : Math.max(0, this.#signed - this.#base)
  }

  /** Call after the logs were loaded. */
  async load(own: SpaceLog | undefined): Promise<void> {
    this.#log = own
    if (this.#isConfirmed || own === undefined) return
    const row = await this.#context.store.get(this.#rowKey(own))
    this.#hasRow = row !== undefined
    const [base, isStale] = row === undefined ? [own.seq, 0] : readRow(row)
    this.#base = Math.min(base, own.seq)
    this.#baseHash = (await this.#context.logs.hashAt(own, this.#base)) ?? zeroHash
    this.#isIndexStale = isStale === 1
    this.#isDisproved = false
  }

  /** The device has become a member: its log begins. */
  set log(own: SpaceLog | undefined) {
    this.#log ??= own
  }

  /** A space that was made here: nobody else can know of the log. */
  begin(): void {
    this.#isConfirmed = true
  }

  /** How much of a log others are told of. */
  shown(log: SpaceLog): readonly [seq: number, hash: Uint8Array | undefined] {
    if (this.#isConfirmed || log.key !== this.#log?.key || log.durable <= this.#base) {
      return [log.durable, log.durable === 0 ? undefined : log.recentHash(log.durable)]
    }
    return [this.#base, this.#base === 0 ? undefined : this.#baseHash]
  }

  mayShow(log: SpaceLog, last: number): boolean {
    return this.#isConfirmed || log.key !== this.#log?.key || last <= this.#base
  }

  /** A device has opened the space and names what it has of the log. Only what it sends can be believed. */
  claimed(from: LogId, seq: number, hash?: Uint8Array): void {
    if (!this.#isConfirmed && seq > this.#base) this.#claims.set(keyOf(from), { seq, hash })
  }

  /**
   * A device's own word that it holds the log to where its OPEN named it. It may have no entries to send any more; to go on from here
   * would write under their numbers again.
   */
  async signed({ by, log, seq, signature }: DurableClaim): Promise<void> {
    const { id, crypto, directory, membership } = this.#context
    const own = this.#log
    if (own === undefined || this.#claims.size === 0) return
    const claim = this.#claims.get(keyOf(by))
    if (keyOf(log) !== keyOf(own.id) || claim?.hash === undefined || claim.seq !== seq) return
    const device = directory.get(by.twin)?.device(by.device)
    if (device === undefined || membership.view?.numberOf(by.twin) === undefined) return
    const message = durablePreimage(id, by, log, seq, claim.hash)
    if (await crypto.verify(device.certificate.signing, message, signature)) this.#signed = Math.max(this.#signed, seq)
  }

  /** A device has sent all it had. What it claimed and did not send is not so. Whether the log is confirmed now. */
  answered(from: LogId): boolean {
    if (this.#isConfirmed) return false
    if (!this.#isDisproved) this.#claims.delete(keyOf(from))
    this.#wasAnswered = true
    return this.settle()
  }

  /** A witness had it that nothing beyond this entry was ever shown. Whether the log is confirmed now. */
  witnessed(seq: number, hash: Uint8Array): boolean {
    if (this.#isConfirmed || this.#log === undefined || seq !== this.#base || !equals(hash, this.#baseHash))
      return false
    this.#wasAnswered = true
    return this.settle()
  }

  /** Shows nothing more; up to where the log was shown, if others know of it. */
  close(): readonly [seq: number, hash: Uint8Array] | undefined {
    const log = this.#log
    if (!this.#isConfirmed || log === undefined) return undefined
    const hash = log.durable === 0 ? zeroHash : log.recentHash(log.durable)
    if (hash === undefined) return undefined
    this.#isConfirmed = false
    this.#wasAnswered = false
    this.#base = log.durable
    this.#baseHash = hash
    return [this.#base, hash]
  }

  /** The session with a device has ended. */
  left(from: LogId): boolean {
    return this.#claims.delete(keyOf(from)) && this.settle()
  }

  /** Entries of the log that came back from others. Whether the log is confirmed now. */
  cameBack(seq: number, hash: Uint8Array): boolean {
    if (this.#isConfirmed) return false
    this.#base = seq
    this.#baseHash = hash
    for (const [peer, claim] of this.#claims) if (claim.seq <= seq) this.#claims.delete(peer)
    return this.settle()
  }

  /** A run that contradicts what was written here since the base: whether that is to be set aside. */
  disprove(log: SpaceLog, seq: number): boolean {
    if (this.#isConfirmed || log.key !== this.#log?.key || seq <= this.#base) return false
    this.#isDisproved = true
    return true
  }

  /** Whether the log is confirmed now, and was not before. */
  settle(): boolean {
    if (this.#isConfirmed || this.#isDisproved || !this.#wasAnswered || this.#claims.size > 0 || this.#heads.isHeld)
      return false
    if (this.behind > 0) return false
    this.#isConfirmed = true
    return true
  }

  /** Notes in the batch that what is written now was shown to nobody. */
  note(batch: Batch): void {
    const log = this.#log
    if (this.#isConfirmed || this.#hasRow || log === undefined || log.seq <= this.#base) return
    batch.put(this.#rowKey(log), encode([this.#base, 0]))
    this.#hasRow = true
  }

  /** Removes the note once the log is confirmed. */
  tidy(batch: Batch): void {
    if (!this.#isConfirmed || !this.#hasRow || this.#log === undefined) return
    batch.del(this.#rowKey(this.#log))
    this.#hasRow = false
  }

  get hasNote(): boolean {
    return this.#isConfirmed && this.#hasRow
  }

  /** Moves what was written since the base out of the log. Everything before is on synced storage. */
  async setAside(batch: Batch): Promise<void> {
    const { store, keys, logs } = this.#context
    const log = this.#log!
    for await (const [last, run] of logs.runs(log, this.#base)) {
      const seq = SpaceKeys.seq(last)
      batch.del(`${keys.runs}${log.key}/${seq}`)
      batch.put(`${keys.aside}${log.key}/${seq}`, run)
    }
    this.#context.quarantine.truncate(batch, log.client, this.#base)
    if (this.#base === 0) batch.del(keys.heads + log.key)
    else batch.put(keys.heads + log.key, encode([this.#base, this.#baseHash]))
    // The row without a document says what all snapshots cover, so it goes with them
    batch.del(keys.snapshots)
    for await (const [key] of store.under(keys.snapshots)) batch.del(key)
    batch.put(this.#rowKey(log), encode([this.#base, 1]))
    this.#hasRow = true
  }

  /** The index follows from the log again. */
  async indexRebuilt(): Promise<void> {
    const batch = this.#context.store.batch()
    batch.put(this.#rowKey(this.#log!), encode([this.#base, 0]))
    await this.#context.store.commit(batch)
    this.#isIndexStale = false
  }

  #rowKey({ key }: SpaceLog): string {
    return `${this.#context.keys.unshown}${key}`
  }
}

function keyOf(log: LogId): string {
  return `${bytesToHex(log.twin)}/${log.device}`
}

function readRow(row: Uint8Array): [base: number, isStale: number] {
  try {
    const [base, isStale] = asList(decode(row), 2)
    return [asUint(base), asUint(isStale, 1)]
  } catch (cause) {
    throw new StoreError('corrupt', 'The store is damaged: what was shown of a log cannot be read', { cause })
  }
}
