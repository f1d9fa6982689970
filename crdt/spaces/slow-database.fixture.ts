import type { Database } from '../store/index.ts'
import { memoryDatabase } from './replicas.fixture.ts'

type Chain = { write(options?: object): Promise<void> }

export interface SlowDatabase {
  readonly db: Database
  hold(): void
  release(): void
}

/** A database in memory whose writes wait while it is held. */
export function slowDatabase(): SlowDatabase {
  const db = memoryDatabase()
  let held: PromiseWithResolvers<void> | undefined
  const open = db.batch.bind(db) as unknown as () => Chain
  db.batch = (() => {
    const chain = open()
    const write = chain.write.bind(chain)
    chain.write = async options => {
      await held?.promise
      await write(options)
    }
    return chain
  }) as unknown as Database['batch']
  return {
    db,
    hold: () => {
      held = Promise.withResolvers()
    },
    release: () => {
      held?.resolve()
      held = undefined
    }
  }
}
