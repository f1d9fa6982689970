import { expect } from 'chai'
import { MemoryLevel } from 'memory-level'
import { type Database, Store } from './index.ts'

const database = (): Database => new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })
const openError = (db: Database) =>
  new Store(db).open().then(
    () => undefined,
    error => error
  )

describe('the store', () => {
  it('notes its version when it is new, and opens again', async () => {
    const db = database()
    await new Store(db).open()
    expect(await db.get('meta/version')).to.deep.equal(Uint8Array.of(1))
    expect(await openError(db)).to.equal(undefined)
  })

  it('refuses a store of a newer version, says which release reads it, and changes nothing', async () => {
    const db = database()
    await db.put('meta/version', Uint8Array.of(9))
    const { code, message } = await openError(db)
    expect(code).to.equal('newer')
    expect(message).to.contain('needs the release that wrote it').and.contain('version 9')
    await db.put('meta/reader', new TextEncoder().encode('3.1.0'))
    expect((await openError(db)).message).to.contain('needs release 3.1.0 or a later one')
    await db.put('meta/reader', new TextEncoder().encode('\u001b[2J'))
    expect((await openError(db)).message).to.contain('needs the release that wrote it')
    expect(await db.keys().all()).to.deep.equal(['meta/reader', 'meta/version'])
  })

  it('refuses rows without a version, but for device lists', async () => {
    const db = database()
    await db.put('dl/00/0', Uint8Array.of(1))
    expect(await openError(db)).to.equal(undefined)
    const damaged = database()
    await damaged.put('r/00', Uint8Array.of(1))
    expect((await openError(damaged)).code).to.equal('corrupt')
  })

  it('takes nothing after a failed write until it was opened again', async () => {
    const db = database()
    const store = new Store(db)
    await store.open()
    const batch = store.batch()
    batch.put('i/x', Uint8Array.of(1))
    store.fence(new Error('disk'))
    expect(await store.commit(batch).catch(error => error.code)).to.equal('failed')
    expect(() => store.batch()).to.throw('failed write')
    await store.reopen()
    const next = store.batch()
    next.put('i/x', Uint8Array.of(2))
    await store.commit(next)
    expect(await store.get('i/x')).to.deep.equal(Uint8Array.of(2))
  })

  it('is not closed while the disk has no room to open it again', async () => {
    const db = database()
    let hasRoom = false
    const store = new Store(db, async () => hasRoom)
    await store.open()
    store.fence(new Error('disk'))
    expect((await store.reopen().catch(error => error)).message).to.match(/disk is full/)
    expect(store.isFenced).to.equal(true)
    expect(await store.get('meta/version')).to.deep.equal(Uint8Array.of(1))
    hasRoom = true
    await store.reopen()
    expect(store.isFenced).to.equal(false)
  })

  it('does not acknowledge a write that was on its way when another failed', async () => {
    const db = database()
    const store = new Store(db)
    await store.open()
    const gates: { open: () => void; break: (cause: unknown) => void }[] = []
    const batch = db.batch.bind(db) as () => ReturnType<Database['batch']>
    db.batch = (() => {
      const chain = batch() as unknown as { write(options?: object): Promise<void> }
      const write = chain.write.bind(chain)
      chain.write = async options => {
        await new Promise<void>((resolve, reject) => gates.push({ open: resolve, break: reject }))
        await write(options)
      }
      return chain
    }) as unknown as Database['batch']
    const [first, second] = [store.batch(), store.batch()]
    first.put('i/x', Uint8Array.of(1))
    second.put('i/y', Uint8Array.of(1))
    const outcomes = [first, second].map(one => store.commit(one).catch(error => error.code))
    gates[0]!.break(new Error('disk'))
    expect(await outcomes[0]).to.equal('failed')
    // The handle answers as if all were well; what it took after the failure is not on the disk
    gates[1]!.open()
    expect(await outcomes[1]).to.equal('failed')
  })

  it('refuses reads with a reason while it does not open again', async () => {
    const db = database()
    const store = new Store(db)
    await store.open()
    store.fence(new Error('a write failed'))
    const open = db.open.bind(db)
    db.open = () => Promise.reject(new Error('IO error: no space left on device'))
    await store.reopen().catch(() => {})
    for (const read of [() => store.get('k'), () => store.getMany(['k'])]) {
      expect(await read().catch(error => [error.name, error.code])).to.deep.equal(['StoreError', 'failed'])
    }
    db.open = open
    await store.reopen()
    expect(await store.get('k')).to.equal(undefined)
  })
})
