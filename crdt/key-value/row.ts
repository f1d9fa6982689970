import { clientToWriter } from '../log/index.ts'
import type { Entry, ValueKind } from './entry.ts'
import type { Item } from './item.ts'

const headerLength = 17
/** By the number that stands for each in items and rows. */
export const valueKinds: readonly ValueKind[] = ['bytes', 'json', 'blob']

/** Index row of a key: value kind (1 byte), client id (4), count (4), time (8, float), value. Fixed places, because reads are hot. */
export function encodeRow(item: Omit<Item, 'key' | 'value' | 'blob'>, value: Uint8Array): Uint8Array {
  const { kind, client, clock, time } = item
  const { row, view, at } = allocate(headerLength + value.length)
  row[0] = valueKinds.indexOf(kind)
  view.setUint32(at + 1, client)
  view.setUint32(at + 5, clock)
  view.setFloat64(at + 9, time)
  row.set(value, headerLength)
  return row
}

/** @param twinOf the twin with a member number */
export function rowToEntry(key: string, row: Uint8Array, twinOf: (member: number) => Uint8Array | undefined): Entry {
  const view = new DataView(row.buffer, row.byteOffset, row.length)
  const client = view.getUint32(1)
  const { member, device } = clientToWriter(client)
  return {
    key,
    kind: valueKinds[row[0]!]!,
    // Not subarray(): of a Buffer it makes a Buffer
    value: new Uint8Array(row.buffer, row.byteOffset + headerLength, row.length - headerLength),
    version: `${member}-${device}-${view.getUint32(5)}`,
    at: view.getFloat64(9),
    by: { twin: twinOf(member) ?? unknownTwin, device }
  }
}

export function versionOf({ client, clock }: { readonly client: number; readonly clock: number }): string {
  const { member, device } = clientToWriter(client)
  return `${member}-${device}-${clock}`
}

const unknownTwin = new Uint8Array(32)

const slabLength = 64 * 1024
let slab = new DataView(new ArrayBuffer(slabLength))
let used = 0

/** Many rows share a buffer: one of its own for each costs more than to fill it. They are written and forgotten. */
function allocate(length: number): { row: Uint8Array; view: DataView; at: number } {
  if (length > slabLength / 4) {
    const row = new Uint8Array(length)
    return { row, view: new DataView(row.buffer), at: 0 }
  }
  if (used + length > slabLength) {
    slab = new DataView(new ArrayBuffer(slabLength))
    used = 0
  }
  const at = used
  used += length
  return { row: new Uint8Array(slab.buffer, at, length), view: slab, at }
}
