import { bytesToHex, type LogId } from '../log/index.ts'

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

  takeAll(): HeldRun[] {
    const runs = this.#runs
    this.#runs = []
    this.#peers.clear()
    return runs
  }
}
