import type { Database } from '../../crdt/index.ts'

/**
 * What is done wrong on purpose, to show that a rig sees it: `early` acknowledges before the write, `no-sync` leaves the disk out
 * of an acknowledgement, `same-handle` goes on after a failed write without opening the database again, `reader` gives keys to the
 * member that is to have none.
 */
export type Control = 'early' | 'no-sync' | 'same-handle' | 'reader'

/** Runs before every batch that is on its way to Level, and may change its options. */
export function interceptWrites(db: Database, before: (options: object | undefined) => object | undefined): void {
  const open = db.batch.bind(db)
  db.batch = ((...args: unknown[]) => {
    // The store uses the chained form alone
    if (args.length > 0) throw new TypeError('Not a chained batch')
    const chain = open()
    const write = chain.write.bind(chain)
    chain.write = async (options?: object) => write(before(options) as never)
    return chain
  }) as typeof db.batch
}

/** Makes an open database do what the control says. */
export function spoil(db: Database, control: Control | undefined): void {
  if (control === 'no-sync') interceptWrites(db, () => ({ sync: false }))
  if (control === 'same-handle') {
    db.close = async () => {}
    db.open = async () => {}
  }
}
