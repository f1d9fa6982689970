import { equals } from 'uint8arrays/equals'
import { bytesToHex, decodeRun, type LogId, lastOf, linkRun } from '../log/index.ts'
import type { SpaceContext } from './space-context.ts'

/** What one device may have waiting here. */
const maxBytesPerPeer = 4 * 1024 * 1024
const maxRunsPerPeer = 1024
/** Slack in memory for a run, whatever its length. */
const overhead = 256

export interface HeldRun {
  readonly log: LogId
  readonly run: Uint8Array
  readonly from: LogId
}

/** Runs that wait for what they build on, within a budget for each device that sent them. */
export class HeldRuns {
  #runs: HeldRun[] = []
  readonly #peers = new Map<string, { bytes: number; runs: number }>()

  get size(): number {
    return this.#runs.length
  }

  [Symbol.iterator](): IterableIterator<HeldRun> {
    return this.#runs[Symbol.iterator]()
  }

  /** Whether the budget allowed it. */
  add(run: HeldRun): boolean {
    const peer = `${bytesToHex(run.from.twin)}/${run.from.device}`
    const used = this.#peers.get(peer) ?? { bytes: 0, runs: 0 }
    const bytes = run.run.length + overhead
    if (used.bytes + bytes > maxBytesPerPeer || used.runs >= maxRunsPerPeer) return false
    this.#peers.set(peer, { bytes: used.bytes + bytes, runs: used.runs + 1 })
    this.#runs.push(run)
    return true
  }

  /** What was taken, and came to nothing. Some of it may be held anew by now. */
  addAgain(taken: readonly HeldRun[]): void {
    const held = new Set(this.#runs.map(({ run }) => run))
    for (const run of taken) if (!held.has(run.run)) this.add(run)
  }

  /** Lets go of those that are in their logs: the group that took them was reported as failed, and is on the disk. */
  async forgetStored(context: SpaceContext): Promise<void> {
    const stored = new Set<HeldRun>()
    for (const held of this.#runs) if (await isStored(held, context)) stored.add(held)
    for (const held of this.takeAll()) if (!stored.has(held)) this.add(held)
  }

  takeAll(): HeldRun[] {
    const runs = this.#runs
    this.#runs = []
    this.#peers.clear()
    return runs
  }
}

async function isStored(held: HeldRun, { logs, crypto, id }: SpaceContext): Promise<boolean> {
  const log = logs.find(held.log)
  const run = decodeRun(held.run)
  if (log === undefined || lastOf(run) > log.seq) return false
  const prev = run.prev ?? (await logs.hashAt(log, run.first - 1))
  const stored = await logs.hashAt(log, lastOf(run))
  if (prev === undefined || stored === undefined) return false
  return equals(linkRun(crypto, id, log.id, run, prev).hashes.at(-1)!, stored)
}
