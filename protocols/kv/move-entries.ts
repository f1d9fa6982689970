import type { BatchOperation, KeyValue } from '../../crdt/key-value/index.ts'
import { maxBatch } from './protocol.ts'

/** Bytes of values that are held in memory between two batches. */
const maxHeld = 1024 * 1024

/** Copies every entry that the target does not hold in the same form; doing it twice is doing it once. */
export async function moveEntries(source: KeyValue, target: KeyValue): Promise<void> {
  let ops: BatchOperation[] = []
  let held = 0
  for await (const { key, kind, value } of source.list({ prefix: '' })) {
    const there = await target.get(key)
    if (there !== undefined && there.kind === kind && isEqual(there.value, value)) continue
    ops.push({ type: 'put', key, value, kind })
    held += value.length
    if (ops.length < maxBatch && held < maxHeld) continue
    await target.batch(ops)
    ops = []
    held = 0
  }
  if (ops.length > 0) await target.batch(ops)
}

export async function deleteEntries(table: KeyValue): Promise<void> {
  let ops: BatchOperation[] = []
  for await (const { key } of table.list({ prefix: '' })) {
    ops.push({ type: 'delete', key })
    if (ops.length < maxBatch) continue
    await table.batch(ops)
    ops = []
  }
  if (ops.length > 0) await table.batch(ops)
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
