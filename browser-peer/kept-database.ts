import { BrowserLevel } from 'browser-level'
import type { Database } from '../crdt/store/index.ts'

/** Operations of a batch that are on their way at once: more fill the memory and gain nothing. */
const maxAtOnce = 256

interface Operation {
  readonly type: 'put' | 'del'
  readonly key: Uint8Array<ArrayBuffer>
  readonly value?: Uint8Array
}

/** What of `BrowserLevel` is replaced; it has it beside its interface. */
interface Internals {
  readonly db: IDBDatabase
  readonly location: string
  _batch(operations: readonly Operation[]): Promise<void>
}

/** In IndexedDB, which syncs when the browser likes: what is kept in a browser is a copy of what the twin has. */
export async function keptDatabase(name: string): Promise<Database> {
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
  const db = new BrowserLevel<string, Uint8Array>(name, { ...encodings, prefix: 'twinmesh-' })
  await db.open()
  return withWholeBatches(db)
}

/** `BrowserLevel` waits for each row of a batch before it gives the next, a way to another process and back for each: here they go together. */
export function withWholeBatches<K, V>(db: BrowserLevel<K, V>): BrowserLevel<K, V> {
  const internals = db as unknown as Internals
  internals._batch = operations => writeBatch(internals, operations)
  return db
}

function writeBatch({ db, location }: Internals, operations: readonly Operation[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction([location], 'readwrite')
    const store = transaction.objectStore(location)
    let next = 0
    let failure: unknown
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(failure ?? transaction.error ?? new Error('The write was given up'))
    const giveSome = () => {
      const end = Math.min(next + maxAtOnce, operations.length)
      let last: IDBRequest | undefined
      try {
        for (; next < end; next++) {
          const { type, key, value } = operations[next]!
          last = type === 'del' ? store.delete(key) : store.put(value, key)
        }
      } catch (cause) {
        failure = cause
        transaction.abort()
        return
      }
      if (next < operations.length) last!.onsuccess = giveSome
      else transaction.commit()
    }
    giveSome()
  })
}
