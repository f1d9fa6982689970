import { MAX_RECORDS, TARGET_ITEM_BYTES } from './limits.ts'

/** Parts of a list of byte strings that each fit an item. */
export function* chunks(items: readonly Uint8Array[]): Generator<{ items: Uint8Array[]; size: number }> {
  let part: Uint8Array[] = []
  let size = 0
  for (const item of items) {
    if (part.length > 0 && (size + item.length > TARGET_ITEM_BYTES || part.length >= MAX_RECORDS)) {
      yield { items: part, size }
      part = []
      size = 0
    }
    part.push(item)
    size += item.length + 4
  }
  if (part.length > 0) yield { items: part, size }
}
