import { sharedPlaces } from '../bytes.ts'
import { clientToWriter } from '../log/index.ts'
import type { Entry, ValueKind } from './entry.ts'
import type { Item } from './item.ts'

const headerLength = 17
const header = new Uint8Array(headerLength)
const headerView = new DataView(header.buffer)
/** Rows are written and forgotten, so that many of them go together. */
const placeOfRow = sharedPlaces(64 * 1024)
/** By the number that stands for each in items and rows. */
export const valueKinds: readonly ValueKind[] = ['bytes', 'json', 'blob']

/** Index row of a key: value kind (1 byte), client id (4), count (4), time (8, float), value. Fixed places, because reads are hot. */
export function encodeRow(item: Omit<Item, 'key' | 'value' | 'blob'>, value: Uint8Array): Uint8Array {
  const { kind, client, clock, time } = item
  header[0] = valueKinds.indexOf(kind)
  headerView.setUint32(1, client)
  headerView.setUint32(5, clock)
  headerView.setFloat64(9, time)
  const row = placeOfRow(headerLength + value.length)
  row.set(header)
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
