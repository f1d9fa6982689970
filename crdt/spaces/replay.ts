import type { Crypto } from '../crypto/index.ts'
import {
  type DecidedHead,
  type Dep,
  decodeRun,
  linkRun,
  openPayload,
  type Payload,
  type Run,
  zeroHash
} from '../log/index.ts'
import { StoreError } from '../store/index.ts'
import { depClient } from './causal-order.ts'
import type { CutPoint } from './cut-rules.ts'
import type { LogTable } from './log-table.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** Sequence numbers by Yjs client id. */
export type Frontier = ReadonlyMap<number, number>

export interface ReplayedEntry {
  readonly log: SpaceLog
  readonly seq: number
  readonly time: number
  readonly payload: Payload
}

export interface ReplayInit {
  readonly space: Uint8Array
  readonly logs: LogTable
  readonly crypto: Crypto
  readonly keyOf: (log: SpaceLog, epoch: number) => Uint8Array | undefined
  /** Where a log ends: entries beyond are not waited for. */
  readonly endOf: (client: number) => CutPoint | undefined
  /** Exclusive. */
  readonly from: Frontier
  /** Inclusive; logs that are not named are not read. */
  readonly to: Frontier
}

/** An entry as it is stored. */
export interface StoredRunEntry {
  readonly log: SpaceLog
  readonly seq: number
  readonly mhead: DecidedHead
  readonly deps: readonly Dep[]
  /** Its content; undefined when its key is not here or it does not open. */
  open(): Promise<ReplayedEntry | undefined>
}

/** Entries of `walk`, opened; those that do not open are left out. */
export async function* replay(init: ReplayInit): AsyncIterable<ReplayedEntry> {
  for await (const entry of walk(init)) {
    const opened = await entry.open()
    if (opened !== undefined) yield opened
  }
}

/**
 * Stored entries in an order in which each stands after all that it builds on.
 *
 * @throws {StoreError} when the store does not hold what it should
 */
export async function* walk(init: ReplayInit): AsyncIterable<StoredRunEntry> {
  const reached = new Map(init.from)
  const cursors = [...init.to]
    .filter(([client, to]) => to > (init.from.get(client) ?? 0))
    .map(([client, to]) => new Cursor(init, init.logs.get(client)!, init.from.get(client) ?? 0, to))
  let left = cursors.length
  while (left > 0) {
    let progress = false
    for (const cursor of cursors) {
      while (!cursor.isDone) {
        const entry = await cursor.peek()
        // Whatever lies beyond `to` was not stored when `to` was taken, so nothing before `to` builds on it, unless a cut took it out
        const isHere = (dep: Dep): boolean => {
          const client = depClient(dep)
          if ((reached.get(client) ?? 0) >= dep[2]) return true
          return (init.to.get(client) ?? 0) < dep[2] && (init.endOf(client)?.seq ?? dep[2]) < dep[2]
        }
        if (!entry.deps.every(isHere)) break
        progress = true
        reached.set(cursor.log.client, cursor.seq)
        const taken = await cursor.take()
        if (cursor.isDone) left--
        yield taken
      }
    }
    if (!progress) throw new StoreError('corrupt', 'The store is damaged: entries are missing that others build on')
  }
}

/** One stored entry, opened; undefined when it cannot be. */
export async function readEntry(context: SpaceContext, log: SpaceLog, seq: number): Promise<ReplayedEntry | undefined> {
  if (seq <= log.base.seq) return undefined
  for await (const entry of entriesOf(context, log, seq - 1, seq)) return entry
  return undefined
}

/** Stored entries of one log behind `from` up to `to`, whatever they build on; those that do not open are left out. */
export async function* entriesOf(
  { id, logs, crypto, keyRing }: SpaceContext,
  log: SpaceLog,
  from: number,
  to: number
): AsyncIterable<ReplayedEntry> {
  const keyOf = (of: SpaceLog, epoch: number) => keyRing.entryKey(of, epoch)
  const init = { space: id, logs, crypto, keyOf, endOf: () => undefined, from: new Map(), to: new Map() }
  for (const cursor = new Cursor(init, log, from, to); !cursor.isDone; ) {
    await cursor.peek()
    const entry = await (await cursor.take()).open()
    if (entry !== undefined) yield entry
  }
}

class Cursor {
  readonly log: SpaceLog
  seq: number
  readonly #init: ReplayInit
  readonly #to: number
  readonly #runs: AsyncIterator<[number, Uint8Array]>
  #run: Run | undefined
  #headers: Uint8Array[] = []

  constructor(init: ReplayInit, log: SpaceLog, from: number, to: number) {
    this.#init = init
    this.log = log
    this.seq = from + 1
    this.#to = to
    this.#runs = init.logs.runs(log, from)[Symbol.asyncIterator]()
  }

  get isDone(): boolean {
    return this.seq > this.#to
  }

  async peek() {
    if (this.#run === undefined || this.seq >= this.#run.first + this.#run.entries.length) await this.#next()
    return this.#run!.entries[this.seq - this.#run!.first]!
  }

  async take(): Promise<StoredRunEntry> {
    const [run, log, seq] = [this.#run!, this.log, this.seq++]
    if (this.isDone) await this.#runs.return?.()
    const { sealed, time, deps } = run.entries[seq - run.first]!
    const header = this.#headers[seq - run.first]!
    const open = async (): Promise<ReplayedEntry | undefined> => {
      const key = this.#init.keyOf(log, run.epoch)
      const payload = key && (await openPayload(this.#init.crypto, key, header, sealed))
      return payload && { log, seq, time, payload }
    }
    return { log, seq, mhead: run.mhead, deps, open }
  }

  async #next(): Promise<void> {
    const next = await this.#runs.next()
    if (next.done === true) throw new StoreError('corrupt', 'The store is damaged: a log ends before its head')
    const run = decodeRun(next.value[1])
    if (this.seq < run.first || this.seq > next.value[0]) {
      throw new StoreError('corrupt', 'The store is damaged: a run is missing')
    }
    this.#run = run
    this.#headers = linkRun(this.#init.crypto, this.#init.space, this.log.id, run, run.prev ?? zeroHash).headers
  }
}
