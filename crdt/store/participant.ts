import type { Batch } from './store.ts'

/** What takes part in group commits: it collects work and, when asked, turns it into rows. */
export interface Participant {
  /** How much waits: entries or edits, roughly. */
  readonly backlog: number
  /** Somebody watches: what waits is prepared at once, also while groups before it are being written. */
  readonly isUrgent?: boolean
  /** How many transactions of those that wait were made on documents directly. */
  readonly directEdits?: number
  /**
   * Adds everything that waits to the batch. The outcome is told to the returned functions: `done` after the batch was synced, in
   * the order of the groups; `failed` when this or an earlier group failed. Throwing fails the group.
   */
  prepare(batch: Batch): Promise<Outcome | undefined>
  /** Something failed: forget what was not synced, reject what waits, read the store again (it is open, if that worked). */
  reset(cause: unknown): Promise<void>
}

export interface Outcome {
  done(): void
  failed(cause: unknown): void
}
