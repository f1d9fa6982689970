import { equals } from 'uint8arrays/equals'
import {
  decodeRun,
  encodeRun,
  type LogHead,
  lastOf,
  linkRun,
  openPayload,
  type Payload,
  type Run,
  zeroHash
} from '../log/index.ts'
import { type Batch, SpaceKeys } from '../store/index.ts'
import { isSigned } from './rights.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

/** How far the other history of a log is known. */
interface Reached {
  readonly seq: number
  readonly hash: Uint8Array
  /** Its first entry that is not in the log as it is here */
  readonly forkAt: number | undefined
}

type AsideRun = readonly [key: string, epoch: number]

/** An entry of another history of a log than the one that is here. */
export interface OtherEntry {
  readonly seq: number
  readonly time: number
  readonly payload: Payload
}

/**
 * The other histories of logs of the own twin that were written twice, because a disk was set back. Nothing more is taken into such a
 * log; what others have of the other history is kept beside it, so that a new device can write again what is in either.
 */
export class OtherHistories {
  readonly #context: SpaceContext
  /** By log key */
  #reached = new Map<string, Reached>()
  /** Runs that nobody was shown, of devices whose disk this was, with their epochs, by log key */
  #asides = new Map<string, readonly AsideRun[]>()

  constructor(context: SpaceContext) {
    this.#context = context
  }

  /** Call when logs were read. */
  async load(): Promise<void> {
    const reached = new Map<string, Reached>()
    const asides = new Map<string, readonly AsideRun[]>()
    for (const log of this.#context.logs) {
      const aside = await this.#findAside(log)
      if (aside.length > 0) asides.set(log.key, aside)
      if (!this.isOf(log)) continue
      for await (const run of this.#runs(this.#prefix(log))) {
        const { hashes } = this.#link(log, run)
        const forkAt = reached.get(log.key)?.forkAt ?? (await this.#firstOther(log, run.first, hashes))
        reached.set(log.key, { seq: lastOf(run), hash: hashes.at(-1)!, forkAt })
      }
    }
    this.#reached = reached
    this.#asides = asides
  }

  isOf(log: SpaceLog): boolean {
    return log.isFrozen && equals(log.id.twin, this.#context.me.twin)
  }

  /** Whether what a former device wrote and showed nobody is to be written again. */
  hasAside(log: Pick<SpaceLog, 'key'>): boolean {
    const { keyRing } = this.#context
    return this.#asides.get(log.key)?.every(([, epoch]) => keyRing.get(epoch) !== undefined) === true
  }

  /** It was written again. */
  asideWritten(batch: Batch): void {
    for (const [log, runs] of this.#asides) {
      if (!this.hasAside({ key: log })) continue
      for (const [key] of runs) batch.del(key)
      this.#asides.delete(log)
    }
  }

  async #findAside(log: SpaceLog): Promise<AsideRun[]> {
    const { me, former, keys, store } = this.#context
    const runs: AsideRun[] = []
    if (log.isFrozen || !former.includes(log.id.device) || !equals(log.id.twin, me.twin)) return runs
    for await (const [key, bytes] of store.under(`${keys.aside}${log.key}/`)) runs.push([key, decodeRun(bytes).epoch])
    return runs
  }

  /** What others are told to be here of the log, so that they send the other history; undefined when it is nothing. */
  head(log: SpaceLog): LogHead | undefined {
    const { seq, hash } = this.#at(log)
    return seq === 0 ? undefined : [log.id.twin, log.id.device, seq, hash]
  }

  /** Keeps what goes on from what is known of the other history; false for what does not, because it or what is before it is missing. */
  async take(group: SpaceGroup, log: SpaceLog, run: Run): Promise<boolean> {
    const at = this.#at(log)
    const last = lastOf(run)
    if (last <= at.seq) return true
    if (run.first > at.seq + 1) return false
    const prev = run.prev ?? (run.first === at.seq + 1 ? at.hash : undefined)
    if (prev === undefined) return false
    const whole = { ...run, prev }
    const linked = this.#link(log, whole)
    const joint = run.first === at.seq + 1 ? prev : linked.hashes[at.seq - run.first]!
    const verified = { ...linked, log, client: log.client, run: whole, bytes: new Uint8Array(), from: log.id }
    if (!equals(joint, at.hash) || !(await isSigned(this.#context, verified))) return false
    const forkAt = at.forkAt ?? (await this.#firstOther(log, run.first, linked.hashes))
    this.#reached.set(log.key, { seq: last, hash: linked.hashes.at(-1)!, forkAt })
    group.failed.push(() => this.#reached.set(log.key, at))
    if (forkAt !== undefined) group.batch.put(this.#prefix(log) + SpaceKeys.seq(last), encodeRun(whole))
    return true
  }

  /** The last entry that both histories have; where that is not known, the last one that can be neither's own. */
  async lastShared(log: SpaceLog): Promise<{ seq: number; hash: Uint8Array }> {
    const { logs } = this.#context
    const forkAt = this.#at(log).forkAt ?? (await this.#provenFork(log)) ?? log.base.seq + 1
    return { seq: forkAt - 1, hash: (await logs.hashAt(log, forkAt - 1)) ?? zeroHash }
  }

  /** Entries that are in no log: each list is one history, in order. */
  async entries(log: SpaceLog): Promise<OtherEntry[][]> {
    const { forkAt = Number.MAX_SAFE_INTEGER } = this.#at(log)
    const other = await this.#open(log, this.#prefix(log), forkAt)
    const aside = await this.#open(log, `${this.#context.keys.aside}${log.key}/`, 0)
    return [other, aside].filter(({ length }) => length > 0)
  }

  async #open(log: SpaceLog, prefix: string, from: number): Promise<OtherEntry[]> {
    const { crypto, keyRing } = this.#context
    const entries: OtherEntry[] = []
    for await (const run of this.#runs(prefix)) {
      const key = keyRing.entryKey(log, run.epoch)
      const { headers } = this.#link(log, run)
      for (const [index, { sealed, time }] of run.entries.entries()) {
        const seq = run.first + index
        const payload =
          seq < from || key === undefined ? undefined : await openPayload(crypto, key, headers[index]!, sealed)
        if (payload !== undefined) entries.push({ seq, time, payload })
      }
    }
    return entries
  }

  async *#runs(prefix: string): AsyncIterable<Run> {
    for await (const [, bytes] of this.#context.store.under(prefix)) yield decodeRun(bytes)
  }

  /** By the two runs that froze the log, if the other one begins where both are the same. */
  async #provenFork(log: SpaceLog): Promise<number | undefined> {
    const { logs } = this.#context
    for (const bytes of await logs.proofOf(log)) {
      const run = decodeRun(bytes)
      const ours = run.first > log.base.seq ? await logs.hashAt(log, run.first - 1) : undefined
      if (run.prev === undefined || ours === undefined || !equals(run.prev, ours)) continue
      const forkAt = await this.#firstOther(log, run.first, this.#link(log, run).hashes)
      if (forkAt !== undefined) return forkAt
    }
    return undefined
  }

  async #firstOther(log: SpaceLog, first: number, hashes: readonly Uint8Array[]): Promise<number | undefined> {
    for (const [index, hash] of hashes.entries()) {
      const ours = await this.#context.logs.hashAt(log, first + index)
      if (first + index > log.base.seq && (ours === undefined || !equals(ours, hash))) return first + index
    }
    return undefined
  }

  #at(log: SpaceLog): Reached {
    return this.#reached.get(log.key) ?? { seq: log.base.seq, hash: log.base.hash, forkAt: undefined }
  }

  #link(log: SpaceLog, run: Run) {
    const { crypto, id } = this.#context
    return linkRun(crypto, id, log.id, run, run.prev ?? zeroHash)
  }

  #prefix(log: SpaceLog): string {
    return `${this.#context.keys.otherRuns}${log.key}/`
  }
}
