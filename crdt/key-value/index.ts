/**
 * A key-value store in a space: reads come from the index on disk, writes are edits of small documents.
 *
 * @packageDocumentation
 */
export {
  type BatchOperation,
  type Change,
  type Entry,
  type KeyValue,
  type ListOptions,
  type PutOptions,
  type ValueKind,
  VersionConflict
} from './entry.ts'
export { keyValue, keyValueKind } from './key-value.ts'
