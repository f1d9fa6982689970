import { equals } from 'uint8arrays/equals'
import { encodeRun, type LogId, lastOf, maxRunBytes, maxRunEntries, type Run } from '../log/index.ts'
import type { SpaceLog } from './space-log.ts'

/** A run that continues its log and whose signature vouches for it. */
export interface VerifiedRun {
  readonly log: SpaceLog
  readonly client: number
  readonly run: Run
  readonly bytes: Uint8Array
  readonly headers: readonly Uint8Array[]
  readonly hashes: readonly Uint8Array[]
  readonly from: LogId
}

/** A log with the runs that are to continue it. */
export class Chain {
  readonly log: SpaceLog
  readonly runs: VerifiedRun[] = []
  /** How many of the runs a signature vouches for. */
  proved = 0

  constructor(log: SpaceLog) {
    this.log = log
  }

  get seq(): number {
    const last = this.runs.at(-1)
    return last === undefined ? this.log.seq : lastOf(last.run)
  }

  get hash(): Uint8Array {
    return this.runs.at(-1)?.hashes.at(-1) ?? this.log.hash
  }

  get mhead() {
    return this.runs.at(-1)?.run.mhead ?? this.log.mhead
  }

  get unproved(): readonly VerifiedRun[] {
    return this.proved === this.runs.length ? [] : this.runs.slice(this.proved)
  }

  add(run: VerifiedRun): void {
    this.runs.push(run)
  }

  drop(): VerifiedRun {
    return this.runs.pop()!
  }

  /** The hash of an entry that is not on disk yet, or of the head. */
  hashAt(seq: number): Uint8Array | undefined {
    if (seq === this.seq) return this.hash
    const holder = this.runs.find(({ run }) => run.first <= seq && seq <= lastOf(run))
    return holder?.hashes[seq - holder.run.first]
  }
}

/** Small runs as few large ones, under the last signature: less to store and to verify for those who get them from here. */
export function joinRuns(linked: readonly VerifiedRun[]): VerifiedRun[] {
  if (linked.length < 2) return [...linked]
  const joined: VerifiedRun[] = []
  let part: VerifiedRun[] = []
  let size = 0
  const close = (): void => {
    if (part.length > 0) joined.push(joinPart(part))
    part = []
    size = 0
  }
  let entries = 0
  for (const next of linked) {
    const last = part.at(-1)
    const fits =
      last !== undefined &&
      last.run.epoch === next.run.epoch &&
      last.run.mhead[1] === next.run.mhead[1] &&
      equals(last.run.mhead[2], next.run.mhead[2]) &&
      entries + next.run.entries.length <= maxRunEntries &&
      size + next.bytes.length <= maxRunBytes
    if (!fits) {
      close()
      entries = 0
    }
    part.push(next)
    entries += next.run.entries.length
    size += next.bytes.length
  }
  close()
  return joined
}

function joinPart(part: readonly VerifiedRun[]): VerifiedRun {
  if (part.length === 1) return part[0]!
  const [first, last] = [part[0]!, part.at(-1)!]
  const run: Run = { ...first.run, entries: part.flatMap(({ run }) => run.entries), signature: last.run.signature }
  return {
    ...first,
    run,
    bytes: encodeRun(run),
    headers: part.flatMap(({ headers }) => headers),
    hashes: part.flatMap(({ hashes }) => hashes)
  }
}

/** The part of a run that a log does not have yet, as it is stored. */
export function restOf(whole: VerifiedRun, { seq, hash }: Pick<Chain, 'seq' | 'hash'>): VerifiedRun {
  const skip = seq + 1 - whole.run.first
  const run = { ...whole.run, first: seq + 1, prev: hash, entries: whole.run.entries.slice(skip) }
  return {
    ...whole,
    run,
    bytes: encodeRun(run),
    headers: whole.headers.slice(skip),
    hashes: whole.hashes.slice(skip)
  }
}
