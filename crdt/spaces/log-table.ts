import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'
import {
  asBytes,
  asList,
  asUint,
  decodeRun,
  hexToBytes,
  type LogId,
  lastOf,
  linkRun,
  type Run,
  zeroHash
} from '../log/index.ts'
import { type Batch, SpaceKeys, type Store, StoreError } from '../store/index.ts'
import { decodeBase, encodeBase } from './log-base.ts'
import { type LogBase, SpaceLog } from './space-log.ts'

export interface LogTableInit {
  readonly space: Uint8Array
  readonly keys: SpaceKeys
  readonly store: Store
  readonly crypto: Crypto
  readonly me: LogId
  readonly numberOf: (twin: Uint8Array) => number | undefined
}

/** The logs of a space: heads in memory, runs on disk. */
export class LogTable {
  readonly #init: LogTableInit
  #own: SpaceLog | undefined
  #byClient = new Map<number, SpaceLog>()
  #byKey = new Map<string, SpaceLog>()
  #isRead = false

  constructor(init: LogTableInit) {
    this.#init = init
  }

  /**
   * Reads all heads and compares each with the last run. Until that is done the logs are those of before: a session that begins
   * meanwhile would take a log that is missing for one of which there is nothing to send. @throws {StoreError} when they do not agree
   */
  async load(): Promise<void> {
    const { keys, store } = this.#init
    const logs = new Map<string, SpaceLog>()
    const open = (key: string): SpaceLog | undefined => {
      const [twin = '', device = ''] = key.split('/')
      const log = logs.get(key) ?? this.#make({ twin: hexToBytes(twin), device: Number.parseInt(device, 16) })
      if (log !== undefined) logs.set(log.key, log)
      return log
    }
    const bases = new Map<string, LogBase>()
    for await (const [key, value] of store.under(keys.bases)) bases.set(key.slice(keys.bases.length), decodeBase(value))
    for await (const [key, value] of store.under(keys.heads)) {
      const log = open(key.slice(keys.heads.length))
      if (log === undefined) throw new StoreError('corrupt', 'The store has the log of a twin that never was a member')
      const [seq, hash] = readHeadRow(value)
      log.base = bases.get(log.key) ?? log.base
      if (seq > 0 && seq === log.base.seq && equals(hash, log.base.hash)) {
        log.advance(seq, hash)
        log.durable = seq
        log.mhead = log.base.mhead
        continue
      }
      const run = await this.#runWith(log, seq)
      if (run === undefined || lastOf(run) !== seq || !equals(this.#hashesOf(log, run).at(-1)!, hash)) {
        throw new StoreError('corrupt', 'The store is damaged: a log does not end where its head says')
      }
      log.advance(seq, hash)
      log.durable = seq
      log.mhead = run.mhead
    }
    for await (const [key] of store.under(keys.forks)) {
      const [twin = '', device = ''] = key.slice(keys.forks.length).split('/')
      const log = open(`${twin}/${device}`)
      if (log !== undefined) log.isFrozen = true
    }
    this.#byKey = logs
    this.#byClient = new Map(Array.from(logs.values(), log => [log.client, log]))
    this.#isRead = true
  }

  /** Whether the logs are those of the store. While they are not, that there is none of a device says nothing. */
  get isRead(): boolean {
    return this.#isRead
  }

  /** The store cannot be read: nothing is known of any log until the next `load`. */
  clear(): void {
    this.#isRead = false
    this.#byKey.clear()
    this.#byClient.clear()
  }

  /** The log of a device, empty if it is new; undefined when its twin never was a member. */
  open(id: LogId): SpaceLog | undefined {
    const key = SpaceKeys.log(id.twin, id.device)
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const log = this.#make(id)
    if (log === undefined) return undefined
    this.#byKey.set(key, log)
    this.#byClient.set(log.client, log)
    return log
  }

  #make(id: LogId): SpaceLog | undefined {
    const member = this.#init.numberOf(id.twin)
    const key = SpaceKeys.log(id.twin, id.device)
    return member === undefined ? undefined : new SpaceLog({ id, member, key, hash: zeroHash })
  }

  /** The log of this device, once it is a member: as of the last `openOwn`. */
  get own(): SpaceLog | undefined {
    return this.#own
  }

  openOwn(): SpaceLog | undefined {
    const { twin, device } = this.#init.me
    this.#own = this.open({ twin, device })
    return this.#own
  }

  get(client: number): SpaceLog | undefined {
    return this.#byClient.get(client)
  }

  find(id: LogId): SpaceLog | undefined {
    return this.#byKey.get(SpaceKeys.log(id.twin, id.device))
  }

  [Symbol.iterator](): IterableIterator<SpaceLog> {
    return this.#byClient.values()
  }

  /** The hash of an entry that is held, undefined beyond the head. */
  async hashAt(log: SpaceLog, seq: number): Promise<Uint8Array | undefined> {
    if (seq === 0) return zeroHash
    if (seq > log.seq) return undefined
    if (seq <= log.base.seq) return seq === log.base.seq ? log.base.hash : anchorAt(log, seq)?.[1]
    const recent = log.recentHash(seq)
    if (recent !== undefined) return recent
    const run = await this.#runWith(log, seq)
    return run === undefined ? undefined : this.#hashesOf(log, run)[seq - run.first]
  }

  /** The stored run that holds an entry. */
  async runBytesWith(log: SpaceLog, seq: number): Promise<Uint8Array | undefined> {
    for await (const [, bytes] of this.runs(log, seq - 1, 1)) return bytes
    return undefined
  }

  /** Stored runs in order whose last entry is beyond `after`, with that last number. */
  async *runs(log: SpaceLog, after: number, limit = -1): AsyncIterable<[last: number, run: Uint8Array]> {
    const prefix = `${this.#init.keys.runs}${log.key}/`
    const range = { gt: prefix + SpaceKeys.seq(after), lte: prefix + SpaceKeys.seq(Number.MAX_SAFE_INTEGER), limit }
    for await (const [key, value] of this.#init.store.range(range)) {
      yield [Number.parseInt(key.slice(prefix.length), 16), value]
    }
  }

  /** Adds the rows of new entries to the batch and moves the head. */
  append(batch: Batch, log: SpaceLog, run: Run, bytes: Uint8Array, hashes: readonly Uint8Array[]): void {
    const last = lastOf(run)
    for (let index = 0; index < hashes.length; index++) log.advance(run.first + index, hashes[index]!)
    log.mhead = run.mhead
    batch.put(`${this.#init.keys.runs}${log.key}/${SpaceKeys.seq(last)}`, bytes)
    batch.put(this.#init.keys.heads + log.key, encode([last, log.hash]))
  }

  /** Both histories are kept; nothing more of the log is taken. */
  freeze(batch: Batch, log: SpaceLog, seq: number, proof: readonly [Uint8Array, Uint8Array]): void {
    log.isFrozen = true
    batch.put(`${this.#init.keys.forks}${log.key}/${SpaceKeys.seq(seq)}`, encode(proof))
  }

  /** The two runs by which a log was frozen. */
  async proofOf(log: SpaceLog): Promise<Uint8Array[]> {
    for await (const [, value] of this.#init.store.under(`${this.#init.keys.forks}${log.key}/`)) {
      return asList(decode(value), 2).map(run => asBytes(run))
    }
    return []
  }

  /** The log begins after this entry from now on; rows of what is before are the caller's to remove. */
  setBase(batch: Batch, log: SpaceLog, base: LogBase): void {
    log.base = base
    batch.put(this.#init.keys.bases + log.key, encodeBase(base))
    if (base.seq < log.seq) return
    log.advance(base.seq, base.hash)
    log.mhead = base.mhead
    batch.put(this.#init.keys.heads + log.key, encode([base.seq, base.hash]))
  }

  /** Last entries of the stored runs beyond `after`, in order. */
  async *runEnds(log: SpaceLog, after: number, limit = -1): AsyncIterable<number> {
    const prefix = `${this.#init.keys.runs}${log.key}/`
    const range = { gt: prefix + SpaceKeys.seq(after), lte: prefix + SpaceKeys.seq(Number.MAX_SAFE_INTEGER), limit }
    for await (const key of this.#init.store.keys(range)) yield Number.parseInt(key.slice(prefix.length), 16)
  }

  /** Store key of the run with this last entry. */
  runKey(log: SpaceLog, last: number): string {
    return `${this.#init.keys.runs}${log.key}/${SpaceKeys.seq(last)}`
  }

  async #runWith(log: SpaceLog, seq: number): Promise<Run | undefined> {
    const bytes = await this.runBytesWith(log, seq)
    try {
      return bytes === undefined ? undefined : decodeRun(bytes)
    } catch (cause) {
      throw new StoreError('corrupt', 'The store is damaged: a run cannot be read', { cause })
    }
  }

  #hashesOf(log: SpaceLog, run: Run): Uint8Array[] {
    const { crypto, space } = this.#init
    return linkRun(crypto, space, log.id, run, run.prev ?? zeroHash).hashes
  }
}

function anchorAt(log: SpaceLog, seq: number) {
  return log.base.anchors.find(([at]) => at === seq)
}

function readHeadRow(value: Uint8Array): [seq: number, hash: Uint8Array] {
  try {
    const [seq, hash] = asList(decode(value), 2)
    return [asUint(seq), asBytes(hash, 32)]
  } catch (cause) {
    throw new StoreError('corrupt', 'The store is damaged: a head cannot be read', { cause })
  }
}
