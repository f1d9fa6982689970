import type { MaybePromise } from '../crypto/index.ts'
import type { DecidedRecord } from './decided-record.ts'

/**
 * What makes a decided log a device list, a membership, … `S` is the state after a record, `B` a body as read. All but `read` are
 * pure functions of their arguments, or replicas part ways.
 */
export interface DecidedRules<S, B> {
  /** Id of the log, 32 bytes */
  readonly log: Uint8Array
  /** The typed body; verifies what is signed inside it. Throws when it is not to be believed. */
  read(record: DecidedRecord): MaybePromise<B>
  /** Whether the signer is an authority that may open a term after `before`; `undefined` = at the start of a log. */
  mayOpen(record: DecidedRecord<B>, before: S | undefined): boolean
  /** Whether the keeper, who signed, is still entitled to decide. */
  mayKeep(record: DecidedRecord<B>, before: S): boolean
  /** The state after the record, as a new value. Throws when the record is not possible there. */
  apply(record: DecidedRecord<B>, before: S | undefined): S
}
