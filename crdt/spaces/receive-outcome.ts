import { FormatError, type LogId } from '../log/index.ts'
import type { HeldRun } from './held-runs.ts'
import type { LogRun, ReceiveResult, RefusalCode } from './replica.ts'
import type { SpaceLog } from './space-log.ts'

export interface ReceiveJob {
  readonly runs: readonly LogRun[]
  readonly from: LogId
  readonly resolve: (result: ReceiveResult) => void
}

/** Why a run is not taken. `later`: it may be once records, devices, keys or other runs arrived. */
export class Refusal extends Error {
  readonly code: RefusalCode

  constructor(code: RefusalCode, reason: string) {
    super(reason)
    this.code = code
  }
}

/** How the other side is told why something was not taken. Rethrows what is no fault of theirs. */
export function refusalOf(cause: unknown): {
  readonly refused: { readonly code: RefusalCode; readonly reason: string }
} {
  if (cause instanceof Refusal) return { refused: { code: cause.code, reason: cause.message } }
  if (cause instanceof FormatError) return { refused: { code: 'malformed', reason: cause.message } }
  throw cause
}

/** Of a device of the own twin the other history is asked for. */
export function forked(isOwn: boolean): Refusal {
  return new Refusal(isOwn ? 'chain' : 'fork', 'Two histories of this log were signed')
}

export const failure: ReceiveResult = {
  accepted: 0,
  held: 0,
  durable: [],
  refused: { code: 'failed', reason: 'The store did not take it: try again' }
}

/** What became of each job's runs. */
export class ReceiveOutcome {
  readonly #results: { job: ReceiveJob; accepted: number; held: number; refused?: ReceiveResult['refused'] }[]
  readonly #logs = new Set<SpaceLog>()

  constructor(jobs: readonly ReceiveJob[]) {
    this.#results = jobs.map(job => ({ job, accepted: 0, held: 0 }))
  }

  accept(log: SpaceLog, entries: number, from: LogId): void {
    this.#logs.add(log)
    const result = this.#of(from)
    if (result !== undefined) result.accepted += entries
  }

  hold({ from }: HeldRun): void {
    const result = this.#of(from)
    if (result !== undefined) result.held++
  }

  refuse({ from, log }: HeldRun, code: RefusalCode, reason: string): void {
    const result = this.#of(from)
    if (result !== undefined) result.refused ??= { code, reason, log }
  }

  resolve(): void {
    const durable = [...this.#logs].map(({ id, seq, hash }) => [id.twin, id.device, seq, hash] as const)
    for (const { job, accepted, held, refused } of this.#results) job.resolve({ accepted, held, durable, refused })
  }

  fail(): void {
    for (const { job } of this.#results) job.resolve(failure)
  }

  #of(from: LogId) {
    return this.#results.find(({ job }) => job.from === from)
  }
}
