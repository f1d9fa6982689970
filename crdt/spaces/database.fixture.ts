import type { Database } from '../store/index.ts'
import { memoryDatabase } from './replicas.fixture.ts'

/** What a backup of the disk is, or what a power cut leaves: all rows as they are. */
export async function copyOf(db: Database): Promise<Database> {
  const copy = memoryDatabase()
  for await (const [key, value] of db.iterator()) await copy.put(key, value)
  return copy
}

/** The next batch is not written, as on a full disk, or a later one. */
export function failNextWrite(db: Database, count = 1): void {
  const open = db.batch.bind(db) as () => { write(): Promise<void>; close(): Promise<void> }
  let left = count
  db.batch = (() => {
    const chain = open()
    if (--left > 0) return chain
    db.batch = open as Database['batch']
    chain.write = async () => {
      await chain.close()
      throw new Error('IO error: no space left on device')
    }
    return chain
  }) as Database['batch']
}

/** Writes of rows under a prefix wait until what it answers is called. */
export function holdWriting(db: Database, prefix: string): () => void {
  type Chain = { put(key: string, value: Uint8Array): unknown; write(options?: object): Promise<void> }
  const open = db.batch.bind(db) as unknown as () => Chain
  const released = Promise.withResolvers<void>()
  db.batch = (() => {
    const chain = open()
    const [put, write] = [chain.put.bind(chain), chain.write.bind(chain)]
    let isHeld = false
    chain.put = (key, value) => {
      isHeld ||= key.startsWith(prefix)
      return put(key, value)
    }
    chain.write = async options => {
      if (isHeld) await released.promise
      await write(options)
    }
    return chain
  }) as unknown as Database['batch']
  return released.resolve
}

/** From now on rows under a prefix are read once that is released; `reached` when somebody wants them. */
export function holdReading(db: Database, prefix: string): { reached: Promise<void>; release(): void } {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const iterator = db.iterator.bind(db) as typeof db.iterator
  db.iterator = ((options?: { gt?: string }) => {
    const rows = iterator(options ?? {})
    if (options?.gt?.startsWith(prefix) !== true) return rows
    return (async function* () {
      begun.resolve()
      await released.promise
      yield* rows
    })()
  }) as unknown as typeof db.iterator
  return { reached: begun.promise, release: released.resolve }
}
