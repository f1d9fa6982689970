import { expect } from 'chai'
import { MemoryLevel } from 'memory-level'
import { keyValue } from '../crdt/index.ts'
import { createSpaces } from '../crdt/spaces/local-spaces.ts'
import { newTwin, text } from '../crdt/spaces/replicas.fixture.ts'
import { type Database, deviceListStore, StoreError } from '../crdt/store/index.ts'
import { fenceDatabase } from './fence-database.ts'

type Chain = { write(options?: object): Promise<void>; close(): Promise<void> }
const one = Uint8Array.of(1)

/** A database whose handle, after a full disk, says of every write that it is well and loses it, until it is opened again. */
function forgetfulDatabase(): { db: Database; fillDisk(): void } {
  const db: Database = new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
  let state: 'well' | 'full' | 'forgetful' = 'well'
  const [open, put, close] = [
    db.batch.bind(db) as () => Chain,
    db.put.bind(db) as Database['put'],
    db.close.bind(db)
  ] as const
  const isLost = () => {
    if (state === 'well') return false
    const isFull = state === 'full'
    state = 'forgetful'
    if (isFull) throw new Error('IO error: no space left on device')
    return true
  }
  const changed = {
    put: async (key: string, value: Uint8Array) => (isLost() ? undefined : put(key, value)),
    batch: () => {
      const chain = open()
      const write = chain.write.bind(chain)
      chain.write = async options => {
        if (isLost()) await chain.close()
        else await write(options)
      }
      return chain
    },
    close: async () => {
      await close()
      state = 'well'
    }
  }
  Object.assign(db, changed)
  return {
    db,
    fillDisk: () => {
      state = 'full'
    }
  }
}

/** A twin on such a database, with what is written beside its spaces. */
async function scene(hasRoom = async () => true) {
  const { db, fillDisk } = forgetfulDatabase()
  await db.open()
  const { init, twin, records } = await newTwin({ db, hasRoom })
  const spaces = await createSpaces(init)
  let asked = 0
  fenceDatabase(db, () => {
    asked++
    return spaces.probe()
  })
  await spaces.start()
  const table = keyValue(spaces.self, 'n')
  const lists = deviceListStore(db)
  const putList = async () => lists.put(twin, records)
  const getList = () => lists.get(twin)
  return { db, spaces, table, records, putList, getList, fillDisk, asked: () => asked }
}

/** As somebody who tries again until it works. */
async function untilWritten(write: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const isWritten = await write().then(
      () => true,
      () => false
    )
    if (isWritten) return
    await new Promise(setImmediate)
  }
}

describe('a database in which not only spaces write', () => {
  it('loses no write of a space after one beside it failed', async () => {
    const { db, table, fillDisk, spaces } = await scene()
    fillDisk()
    expect(await db.put('beside', one).catch((error: Error) => error.message)).match(/no space left/)
    await untilWritten(() => table.put('k', text('kept')))
    await spaces.stop()
    expect([...(await db.keys().all())].some(key => key.endsWith('/n/k'))).equal(true)
  })

  it('loses no write beside the spaces after one of theirs failed', async () => {
    let hasRoom = false
    const { table, putList, getList, records, fillDisk } = await scene(async () => hasRoom)
    fillDisk()
    expect(await table.put('k', text('kept')).catch((error: Error) => error)).instanceOf(Error)
    // As long as the disk is full the database is not opened again, and is read from
    expect(await putList().catch((error: Error) => error))
      .instanceOf(StoreError)
      .include({ code: 'failed' })
    hasRoom = true
    await untilWritten(putList)
    expect(await getList()).deep.equal(records)
  })

  it('is opened again though nobody writes in a space', async () => {
    const { db, putList, getList, records, fillDisk, asked } = await scene()
    fillDisk()
    expect(await db.put('beside', one).catch((error: Error) => error.message)).match(/no space left/)
    await untilWritten(putList)
    expect(await getList()).deep.equal(records)
    expect(asked()).equal(1)
  })
})
