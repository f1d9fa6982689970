import type { Database } from '../store/index.ts'
import { memoryDatabase } from './replicas.fixture.ts'

type Chain = { write(options?: object): Promise<void> }

export interface SlowDatabase {
  readonly db: Database
  /** Resolves when the first write waits. */
  hold(): Promise<void>
  /** The writes that wait go on, or fail. */
  release(cause?: Error): void
}

/** A database in memory whose writes wait while it is held. */
export function slowDatabase(): SlowDatabase {
  const db = memoryDatabase()
  let held: PromiseWithResolvers<void> | undefined
  let reached = () => {}
  const open = db.batch.bind(db) as unknown as () => Chain
  db.batch = (() => {
    const chain = open()
    const write = chain.write.bind(chain)
    chain.write = async options => {
      reached()
      await held?.promise
      await write(options)
    }
    return chain
  }) as unknown as Database['batch']
  return {
    db,
    hold: () => {
      held = Promise.withResolvers()
      return new Promise(resolve => {
        reached = resolve
      })
    },
    release: cause => {
      if (cause === undefined) held?.resolve()
      else held?.reject(cause)
      held = undefined
    }
  }
}
