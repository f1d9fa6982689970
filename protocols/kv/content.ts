import type { Space } from '../../crdt/index.ts'
import { type BatchOperation, type KeyValue, keyValue } from '../../crdt/key-value/index.ts'

/** What a namespace is, wherever it is kept. */
export interface Content {
  readonly entries: KeyValue
  /** A row for each key that was deleted, of the time of the deletion: a deletion leaves nothing among the entries */
  readonly deletions: KeyValue
}

/** Rows of deletions before it are dropped: a device that was away for longer may bring back what was deleted. */
export const deletionsKeptMs = 30 * 24 * 60 * 60 * 1000

export function contentOf(space: Space, table: string): Content {
  return { entries: keyValue(space, table), deletions: keyValue(space, deletionsOf(table)) }
}

/** Name of the table beside a table; no namespace begins with a hyphen. */
export function deletionsOf(table: string): string {
  return `-${table}`
}

/** Of a table of its entries or its deletions. */
export function namespaceOf(table: string): string {
  return table.startsWith('-') ? table.slice(1) : table
}

/** The entries, for whoever writes: what is deleted is written down, so that it can be told apart from what never was. */
export function noting({ entries, deletions }: Content, clock: () => number = Date.now): KeyValue {
  const remove: KeyValue['delete'] = async (key, options) => {
    // Asked for and deleted in one turn, so that calls are done in the order they came
    const [before, wasThere] = await Promise.all([entries.get(key), entries.delete(key, options)])
    const at = Math.max(clock(), (before?.at ?? 0) + 1)
    if (wasThere) await deletions.put(key, new Uint8Array(), { at })
    return wasThere
  }
  const run = async (operation: BatchOperation) => {
    const { key } = operation
    if (operation.type === 'put') return { key, ...(await entries.put(key, operation.value, operation)) }
    await remove(key, operation)
    return { key }
  }
  return {
    get: key => entries.get(key),
    put: (key, value, options) => entries.put(key, value, options),
    delete: remove,
    batch: operations => Promise.all(operations.map(run)),
    list: options => entries.list(options),
    watch: (options, control) => entries.watch(options, control)
  }
}

export async function isEmpty({ entries, deletions }: Content): Promise<boolean> {
  for (const table of [entries, deletions]) for await (const _ of table.list({ limit: 1 })) return false
  return true
}
