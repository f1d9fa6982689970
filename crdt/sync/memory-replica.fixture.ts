import { webCrypto } from '../crypto/index.ts'
import {
  bytesToHex,
  type DecidedHead,
  encodeRun,
  type LogId,
  lastOf,
  linkRun,
  type Run,
  zeroHash
} from '../log/index.ts'
import type {
  DurableClaim,
  LogRun,
  ReceiveResult,
  Replica,
  ReplicaEvents,
  SpaceInfo,
  SpaceState
} from '../spaces/index.ts'
import { bytes, logOf, type MemoryLog, type MemorySpace, makeRun, readRun, toInfo } from './memory-space.fixture.ts'
import { logKey } from './numbers.ts'

export { bytes }

const crypto = webCrypto()
const NO_SIGNATURE = new Uint8Array(64)

/** A replica without signatures and storage: what sync is specified against. Records are twins, device lists are versions. */
export class MemoryReplica implements Replica {
  readonly milestonesFor = () => []
  readonly receiveMilestone = async () => ({})
  readonly receivePart = async () => {}
  readonly completeMilestone = this.receiveMilestone
  /** Devices, by `logKey` */
  readonly revoked = new Set<string>()
  readonly isRevoked = (device: LogId) => this.revoked.has(logKey(device))
  readonly self: LogId
  readonly spaces = new Map<string, MemorySpace>()
  readonly deviceLists = new Map<string, number>()
  readonly awareness: { readonly document: string; readonly bytes: Uint8Array }[] = []
  /** Awaited before runs are stored, in the order in which they came. */
  beforeStore: () => Promise<void> = async () => {}
  refuseRuns: ReceiveResult['refused']
  received = 0
  #storing: Promise<unknown> = Promise.resolve()
  readonly #listeners = new Map<string, Set<(detail: never) => void>>()

  constructor(twin: number, device = 1) {
    this.self = { twin: bytes(twin), device }
    this.deviceLists.set(bytesToHex(bytes(twin)), 1)
  }

  create(seed: number, members: readonly Uint8Array[], state: SpaceState = 'open'): Uint8Array {
    const id = bytes(seed)
    const records = [new Uint8Array(), ...members]
    this.spaces.set(bytesToHex(id), { id, state, records, logs: new Map(), claims: new Map() })
    this.#emit('space', { space: id })
    return id
  }

  setState(space: Uint8Array, state: SpaceState): void {
    this.#space(space).state = state
    this.#emit('space', { space })
  }

  admit(space: Uint8Array, twin: Uint8Array): void {
    this.#space(space).records.push(twin)
    this.#emit('records', { space, records: [twin], wraps: [] })
    this.#emit('space', { space })
  }

  remove(space: Uint8Array, twin: Uint8Array): void {
    const { records } = this.#space(space)
    records.splice(0, records.length, ...records.filter(record => bytesToHex(record) !== bytesToHex(twin)))
    this.#emit('space', { space })
  }

  growDevices(twin: Uint8Array): void {
    const key = bytesToHex(twin)
    this.deviceLists.set(key, (this.deviceLists.get(key) ?? 0) + 1)
    this.#emit('devices', { twin })
  }

  showPresence(space: Uint8Array, document: string, update: Uint8Array): void {
    this.#emit('awareness', { space, document, bytes: update })
  }

  /** Appends one run of entries of `size` bytes to the own log. */
  write(space: Uint8Array, entries = 1, size = 100, time = 0): Uint8Array {
    const memory = logOf(this.#space(space), this.self)
    const run = makeRun(this.#space(space), memory, entries, size, time)
    this.#store(space, memory, run, undefined)
    return memory.hash
  }

  seqOf(space: Uint8Array, log: LogId): number {
    return this.spaces.get(bytesToHex(space))?.logs.get(logKey(log))?.seq ?? 0
  }

  spacesWith(twin: Uint8Array): SpaceInfo[] {
    return Array.from(this.spaces.values(), ({ id }) => this.space(id)!).filter(info => info.isMember(twin))
  }

  space(id: Uint8Array): SpaceInfo | undefined {
    const space = this.spaces.get(bytesToHex(id))
    if (space === undefined) return undefined
    return toInfo(space)
  }

  async *runs(space: Uint8Array, log: LogId, afterSeq: number): AsyncIterable<Uint8Array> {
    const stored = [...logOf(this.#space(space), log).runs]
    for (const run of stored) {
      await undefined
      if (run.last > afterSeq) yield run.bytes
    }
  }

  receiveRuns(space: Uint8Array, runs: readonly LogRun[], from: LogId): Promise<ReceiveResult> {
    const stored = Promise.all([this.beforeStore(), this.#storing]).then(() => this.#take(space, runs, from))
    this.#storing = stored.catch(() => {})
    return stored
  }

  #take(space: Uint8Array, runs: readonly LogRun[], from: LogId): ReceiveResult {
    this.received += runs.length
    if (this.refuseRuns !== undefined) return { accepted: 0, held: 0, durable: [], refused: this.refuseRuns }
    let accepted = 0
    let refused: ReceiveResult['refused']
    const grown = new Set<MemoryLog>()
    for (const { log, run: bytes } of runs) {
      const memory = logOf(this.#space(space), log)
      const run = readRun(bytes)
      if (run === undefined)
        return { accepted, held: 0, durable: [], refused: { code: 'malformed', reason: 'Not a run' } }
      if (lastOf(run) <= memory.seq) continue
      const isNext = run.prev === undefined || bytesToHex(run.prev) === bytesToHex(memory.hash)
      if (run.first !== memory.seq + 1 || !isNext) {
        refused ??= { code: 'chain', reason: 'A gap', log }
        continue
      }
      this.#store(space, memory, { ...run, prev: memory.hash }, from)
      accepted += run.entries.length
      grown.add(memory)
    }
    const claims = Array.from(grown, ({ log, seq }) => ({ by: this.self, log, seq, signature: NO_SIGNATURE }))
    for (const claim of claims) this.#space(space).claims.set(`${logKey(claim.by)} ${logKey(claim.log)}`, claim)
    if (claims.length > 0) this.#emit('durable', { space, claims })
    return { accepted, held: 0, durable: [], refused }
  }

  records(space: Uint8Array, after: DecidedHead | undefined, forTwin: Uint8Array): ReturnType<Replica['records']> {
    const { records } = this.#space(space)
    if (this.space(space)?.isMember(forTwin) !== true) return { records: [], wraps: [] }
    return { records: records.slice(after === undefined ? 0 : after[1] + 1), wraps: [] }
  }

  async receiveRecords(id: Uint8Array, records: readonly Uint8Array[], _wraps: readonly Uint8Array[], from: LogId) {
    if (records.length === 0) return { changed: false }
    let space = this.spaces.get(bytesToHex(id))
    if (space === undefined) {
      if (records[0]?.length !== 0) return { changed: false, refused: 'later' }
      space = { id, state: 'offered', records: [], logs: new Map(), claims: new Map() }
      this.spaces.set(bytesToHex(id), space)
    }
    const known = new Set(space.records.map(bytesToHex))
    const added = records.filter(record => !known.has(bytesToHex(record)))
    space.records.push(...added)
    if (added.length === 0) return { changed: false }
    this.#emit('records', { space: id, records: added, wraps: [], from })
    this.#emit('space', { space: id })
    return { changed: true }
  }

  deviceHeads(twins: Iterable<Uint8Array>): [Uint8Array, number, number, Uint8Array][] {
    return [...twins].flatMap((twin): [Uint8Array, number, number, Uint8Array][] => {
      const seq = this.deviceLists.get(bytesToHex(twin))
      return seq === undefined ? [] : [[twin, 0, seq, zeroHash]]
    })
  }

  twinsSharedWith(twin: Uint8Array): Uint8Array[] {
    return this.spacesWith(twin).flatMap(({ id }) => this.#space(id).records.filter(record => record.length === 32))
  }

  deviceRecords(twin: Uint8Array, after?: DecidedHead): Uint8Array[] {
    const seq = this.deviceLists.get(bytesToHex(twin)) ?? 0
    return after !== undefined && after[1] >= seq ? [] : [Uint8Array.of(seq)]
  }

  async receiveDevices(twin: Uint8Array, records: readonly Uint8Array[], _from: LogId) {
    const key = bytesToHex(twin)
    const newest = Math.max(...records.map(record => record[0] ?? 0))
    const known = this.deviceLists.get(key) ?? 0
    if (newest <= known) return newest === known ? 'same' : 'older'
    this.deviceLists.set(key, newest)
    this.#emit('devices', { twin })
    return 'newer'
  }

  durable(space: Uint8Array): DurableClaim[] {
    return [...this.#space(space).claims.values()]
  }

  async receiveDurable(space: Uint8Array, claims: readonly DurableClaim[], from: LogId): Promise<void> {
    const known = this.#space(space).claims
    const added = claims.filter(claim => {
      const key = `${logKey(claim.by)} ${logKey(claim.log)}`
      if ((known.get(key)?.seq ?? 0) >= claim.seq) return false
      known.set(key, claim)
      return true
    })
    if (added.length > 0) this.#emit('durable', { space, claims: added, from })
  }

  receiveAwareness(_space: Uint8Array, document: string, update: Uint8Array): void {
    this.awareness.push({ document, bytes: update })
  }

  on<K extends keyof ReplicaEvents>(event: K, listener: (detail: ReplicaEvents[K]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener as (detail: never) => void)
    return () => listeners.delete(listener as (detail: never) => void)
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((count, listeners) => count + listeners.size, 0)
  }

  #emit<K extends keyof ReplicaEvents>(event: K, detail: ReplicaEvents[K]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (detail: ReplicaEvents[K]) => void)(detail)
  }

  #space(id: Uint8Array): MemorySpace {
    const space = this.spaces.get(bytesToHex(id))
    if (space === undefined) throw new Error('There is no such space')
    return space
  }

  #store(space: Uint8Array, memory: MemoryLog, run: Run, from: LogId | undefined): void {
    const linked = linkRun(crypto, space, memory.log, run, memory.hash)
    const first = run.first
    memory.hash = linked.hashes.at(-1)!
    memory.seq = lastOf(run)
    const encoded = encodeRun(run)
    memory.runs.push({ first, last: memory.seq, bytes: encoded })
    this.#emit('runs', { space, log: memory.log, run: encoded, first, last: memory.seq, from })
  }
}
