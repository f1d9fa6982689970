import { type BatchOperation, type Entry, type KeyValue, VersionConflict } from '../../crdt/key-value/index.ts'
import { maxBatch } from './protocol.ts'

/** Bytes of values that are held in memory between two batches. */
const maxHeld = 1024 * 1024

/** Copies every entry that is not there or was written later, with its time; doing it twice is doing it once. */
export async function copyEntries(source: KeyValue, target: KeyValue): Promise<void> {
  let ops: BatchOperation[] = []
  let held = 0
  for await (const entry of source.list()) {
    if (isMoved(entry, await target.get(entry.key))) continue
    const { key, value, kind, at } = entry
    ops.push({ type: 'put', key, value, kind, at })
    held += value.length
    if (ops.length < maxBatch && held < maxHeld) continue
    await target.batch(ops)
    ops = []
    held = 0
  }
  if (ops.length > 0) await target.batch(ops)
}

/** Removes what was copied; what has come in meanwhile stays. */
export async function removeCopied(source: Pick<KeyValue, 'list' | 'delete'>, target: KeyValue): Promise<void> {
  let removing: Promise<boolean>[] = []
  for await (const entry of source.list()) {
    if (!isMoved(entry, await target.get(entry.key))) continue
    removing.push(source.delete(entry.key, { expected: entry.version }).catch(unlessChanged))
    if (removing.length < maxBatch) continue
    await Promise.all(removing)
    removing = []
  }
  await Promise.all(removing)
}

export async function isEmpty(table: KeyValue): Promise<boolean> {
  for await (const _ of table.list({ limit: 1 })) return false
  return true
}

/** What was written later stands, wherever it was written. */
function isMoved({ kind, value, at }: Entry, there: Entry | undefined): boolean {
  if (there === undefined) return false
  if (there.at !== at) return there.at > at
  return there.kind === kind && isEqual(there.value, value)
}

function unlessChanged(error: unknown): false {
  if (error instanceof VersionConflict) return false
  throw error
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
