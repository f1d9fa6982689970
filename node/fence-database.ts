import { type Database, StoreError } from '../crdt/store/index.ts'

type Chain = { write(options?: object): Promise<void> }

/** Between two attempts to have the database opened again, in ms: those who write ask for it, as often as they try. */
const pauseMs = 1000
/** Nothing was written: the database is just being opened again. */
const notOpen = 'LEVEL_DATABASE_NOT_OPEN'

/**
 * Lets no write through after one failed, whoever made either, until the database was closed and opened again: a Level handle that goes
 * on after a full disk loses later writes in silence. Writes that it refuses reject with a `StoreError`.
 *
 * @param reopen has the database closed and opened; called when a write failed, or was refused for one that did
 */
export function fenceDatabase(db: Database, reopen: () => Promise<void>): void {
  let failure: { readonly cause: unknown } | undefined
  let isAsking = false

  const ask = () => {
    if (isAsking) return
    isAsking = true
    const restart = () => setTimeout(() => (isAsking = false), pauseMs).unref()
    setImmediate(() => void reopen().then(restart, restart))
  }
  const check = () => {
    if (failure === undefined) return
    ask()
    throw new StoreError('failed', 'The store is closed after a failed write', { cause: failure.cause })
  }
  const guard = async (write: () => Promise<void>): Promise<void> => {
    check()
    try {
      await write()
    } catch (cause) {
      if ((cause as { code?: string }).code === notOpen) throw cause
      failure ??= { cause }
      ask()
      throw cause
    }
    // Another one failed while this was on its way: the handle answers as if this were well
    check()
  }

  const original = {
    put: db.put.bind(db) as (...args: unknown[]) => Promise<void>,
    del: db.del.bind(db) as (...args: unknown[]) => Promise<void>,
    batch: db.batch.bind(db) as (...args: unknown[]) => Promise<void>,
    chain: db.batch.bind(db) as unknown as () => Chain,
    close: db.close.bind(db)
  }
  const fenced = {
    put: (...args: unknown[]) => guard(() => original.put(...args)),
    del: (...args: unknown[]) => guard(() => original.del(...args)),
    batch: (...args: unknown[]) => {
      if (args.length > 0) return guard(() => original.batch(...args))
      const chain = original.chain()
      const write = chain.write.bind(chain)
      chain.write = options => guard(() => write(options))
      return chain
    },
    close: async () => {
      await original.close()
      failure = undefined
    }
  }
  Object.assign(db, fenced)
}
