import { type BlobReference, bytesToReference } from '../blobs/index.ts'
import { decode } from '../codec.ts'
import { asBytes, asList, asText, asUint } from '../log/index.ts'
import type { ValueKind } from './entry.ts'
import { valueKinds } from './row.ts'

export const maxKeyBytes = 512
export const maxValueBytes = 64 * 1024
/** Times beyond it are no dates; what claims one is left out. */
export const maxTime = 8.64e15

/** A value in the document; several live ones of a key are concurrent writes. */
export interface Item {
  readonly key: string
  readonly kind: ValueKind
  readonly value: Uint8Array
  /** The writer's clock, but later than what it replaced (ms). */
  readonly time: number
  readonly client: number
  readonly clock: number
  /** Of a value that is a blob */
  readonly blob: BlobReference | undefined
}

/** A live item as it is kept: its value is in the document, and here only until its row is written. */
export interface LiveItem extends Omit<Item, 'key' | 'value'> {
  readonly slot: Slot
  value: Uint8Array | undefined
}

/** What stands under a key: several live items are concurrent writes. */
export interface Slot {
  readonly key: string
  items: LiveItem[]
  /** Its row is to be made anew */
  isChanged: boolean
  /** An item came since the row was made */
  isAdded: boolean
}

/** A value that is a blob came or went. */
export interface BlobChange {
  readonly item: LiveItem
  readonly isLive: boolean
}

export function winnerOf(items: readonly LiveItem[]): LiveItem {
  let winner = items[0]!
  for (let index = 1; index < items.length; index++) {
    const item = items[index]!
    const later = item.time - winner.time || item.client - winner.client || item.clock - winner.clock
    if (later > 0) winner = item
  }
  return winner
}

export function readItem(bytes: Uint8Array, client: number, clock: number): Item | undefined {
  try {
    const [key, json, value, time] = asList(decode(bytes, { maxDepth: 1, maxItems: 8 }), 4)
    const kind = valueKinds[asUint(json, valueKinds.length - 1)]!
    const content = asBytes(value, undefined, maxValueBytes)
    const name = asText(key, maxKeyBytes)
    const blob = blobOf(kind, content)
    if (name === '' || (kind === 'blob' && blob === undefined)) return undefined
    return { key: name, kind, value: content, time: asUint(time, maxTime), client, clock, blob }
  } catch {
    return undefined
  }
}

export function blobOf(kind: ValueKind, value: Uint8Array): BlobReference | undefined {
  return kind === 'blob' ? bytesToReference(value) : undefined
}
