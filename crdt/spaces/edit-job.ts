import type * as Y from 'yjs'
import type { Batch } from '../store/index.ts'
import type { EntryRef } from './space.ts'

/** An edit that waits for the writer. */
export interface EditJob {
  readonly document: string
  readonly origin: string
  readonly edit: (doc: Y.Doc, transaction: Y.Transaction) => unknown
  readonly resolve: (result: { value: unknown; ref: EntryRef }) => void
  readonly reject: (cause: unknown) => void
  /** Adds to the batch that stores the edit. */
  readonly stored?: (batch: Batch) => void
  /** Stored in one group with those of its kind that stand beside it. */
  readonly isTogether?: boolean
}
