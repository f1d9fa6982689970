import type { IndexRow } from '../documents/index.ts'

/** Rows that make the one set of rows into the other. */
export function rowDifference(before: ReadonlyMap<string, IndexRow>, after: ReadonlyMap<string, IndexRow>): IndexRow[] {
  const rows = [...after.values()].filter(({ key, value }) => !isSameValue(before.get(key)?.value, value))
  for (const [key, { value }] of before) if (value !== undefined && !after.has(key)) rows.push({ key })
  return rows
}

export function isSameValue(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
