import { expect } from 'chai'
import { concat } from 'uint8arrays/concat'
import { webCrypto } from '../crypto/index.ts'
import { keyValue, keyValueKind } from '../key-value/index.ts'
import { createSpaces } from '../spaces/index.ts'
import { newTwin } from '../spaces/replicas.fixture.ts'
import blobStoreCompliance from './compliance.ts'
import { type BlobReference, Blobs, chunkSize, openChunk, referenceToBytes } from './index.ts'
import { MemoryBlobStore } from './memory-blob-store.fixture.ts'

const crypto = webCrypto()
const graceMs = 1000

async function* once(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

async function open() {
  const made = await newTwin({ crypto, kinds: [keyValueKind] })
  const spaces = await createSpaces(made.init)
  await spaces.start()
  const store = new MemoryBlobStore()
  let now = 0
  const freed: number[] = []
  const free = ({ length }: Uint8Array) => freed.push(length)
  const blobs = new Blobs({ store, crypto, spaces, kinds: ['kv'], clock: () => now, graceMs: () => graceMs, free })
  const table = keyValue(spaces.self, 'default')
  const put = (key: string, reference: BlobReference) => table.put(key, referenceToBytes(reference), { kind: 'blob' })
  return { store, blobs, freed, table, put, spaces, pass: (ms: number) => (now += ms), stop: () => spaces.stop() }
}

describe('a store of blobs in memory', () => {
  blobStoreCompliance(async () => {
    const store = new MemoryBlobStore()
    return { store, again: async () => store, stop: async () => {} }
  })
})

describe('blobs', () => {
  let world: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    world = await open()
  })
  afterEach(() => world.stop())

  const hello = () => once(new TextEncoder().encode('hello'))

  it('what is put in pieces of any length is cut into chunks that open to it', async () => {
    const bytes = Uint8Array.from({ length: 2 * chunkSize + 77 }, (_, index) => index * 31)
    const told: number[] = []
    const reference = await world.blobs.put(once(bytes.subarray(0, 1000), bytes.subarray(1000)), {
      name: 'a.bin',
      onProgress: stored => told.push(stored)
    })
    expect(told).to.deep.equal([chunkSize, 2 * chunkSize, bytes.length])
    const blob = (await world.blobs.open(reference.address))!
    const opened = []
    for (const index of [0, 1, 2]) {
      opened.push((await openChunk(reference.key, index, await blob.read(index), crypto)) ?? new Uint8Array())
    }
    expect(concat(opened)).to.deep.equal(bytes)
  })

  it('the memory of a chunk is given back as soon as it is written, and not before', async () => {
    const { store, blobs, freed } = world
    const draft = store.draft.bind(store)
    let failing = 2
    store.draft = async name => {
      const made = await draft(name)
      const write = async (index: number, sealed: Uint8Array) => {
        if (index === failing) throw new Error('The disk broke')
        await Promise.resolve()
        expect(freed.length).to.equal(index)
        await made.write(index, sealed)
      }
      return { ...made, write }
    }
    const three = new Uint8Array(2 * chunkSize + 77)
    expect(await blobs.put(once(three)).catch((error: Error) => error.message)).to.equal('The disk broke')
    expect(freed).to.deep.equal([chunkSize + 16, chunkSize + 16])
    freed.length = 0
    failing = 3
    await blobs.put(once(three))
    expect(freed).to.deep.equal([chunkSize + 16, chunkSize + 16, 77 + 16])
  })

  it('equal bytes are two blobs, and nothing is a blob too', async () => {
    const [one, two] = [await world.blobs.put(hello()), await world.blobs.put(hello())]
    expect(one.address).to.not.equal(two.address)
    expect(await world.blobs.put(once())).to.include({ size: 0 })
  })

  it('a put that fails in the middle leaves nothing behind', async () => {
    const breaking = async function* () {
      yield new Uint8Array(chunkSize + 1)
      throw new Error('Gone')
    }
    const failed = await world.blobs.put(breaking()).catch((error: Error) => error.message)
    expect(failed).to.equal('Gone')
    expect([await world.store.list(), await world.store.drafts()]).to.deep.equal([[], []])
  })

  it('a full disk refuses the blob, keeps nothing of it, and takes it when there is room', async () => {
    world.store.capacity = chunkSize + 100
    const failed = await world.blobs.put(once(new Uint8Array(3 * chunkSize))).catch((error: unknown) => error)
    expect(failed).to.include({ name: 'BlobError', code: 'no-space' })
    expect([await world.store.list(), await world.store.drafts()]).to.deep.equal([[], []])
    world.store.capacity = Number.POSITIVE_INFINITY
    expect(await world.blobs.put(once(new Uint8Array(3 * chunkSize)))).to.include({ size: 3 * chunkSize })
  })

  it('what is referred to stays; the last reference gone, it goes after the time of grace', async () => {
    const reference = await world.blobs.put(hello())
    await world.put('one', reference)
    await world.put('two', reference)
    world.pass(10 * graceMs)
    expect(await world.blobs.sweep()).to.deep.equal([])
    await world.table.delete('one')
    world.pass(10 * graceMs)
    await world.blobs.sweep()
    world.pass(10 * graceMs)
    expect(await world.blobs.sweep()).to.deep.equal([])
    await world.table.put('two', new Uint8Array())
    expect(await world.blobs.sweep()).to.deep.equal([])
    world.pass(graceMs - 1)
    expect(await world.blobs.sweep()).to.deep.equal([])
    world.pass(1)
    expect(await world.blobs.sweep()).to.deep.equal([reference.address])
    expect(await world.store.has(reference.address)).to.equal(false)
    expect(await world.blobs.sweep()).to.deep.equal([])
  })

  it('what nothing ever referred to goes after the time of grace', async () => {
    const { address } = await world.blobs.put(hello())
    expect(await world.blobs.sweep()).to.deep.equal([])
    world.pass(graceMs)
    expect(await world.blobs.sweep()).to.deep.equal([address])
  })

  it('what is held stays, and can be referred to', async () => {
    const reference = await world.blobs.put(hello())
    const release = await world.blobs.hold(reference.address)
    world.pass(10 * graceMs)
    expect(await world.blobs.sweep()).to.deep.equal([])
    await world.put('one', reference)
    release()
    world.pass(10 * graceMs)
    expect(await world.blobs.sweep()).to.deep.equal([])
    expect(await world.store.has(reference.address)).to.equal(true)
  })

  it('a reference that is written while it is collected keeps it', async () => {
    const reference = await world.blobs.put(hello())
    world.pass(graceMs)
    const { setAside } = world.store
    world.store.setAside = async address => {
      await setAside.call(world.store, address)
      await world.put('one', reference)
    }
    expect(await world.blobs.sweep()).to.deep.equal([])
    expect(await world.store.has(reference.address)).to.equal(true)
  })

  it('whoever holds it while it is collected has it', async () => {
    const { address } = await world.blobs.put(hello())
    world.pass(graceMs)
    const { setAside } = world.store
    let held: Promise<() => void> | undefined
    world.store.setAside = async name => {
      await setAside.call(world.store, name)
      held = world.blobs.hold(address)
    }
    expect(await world.blobs.sweep()).to.deep.equal([])
    expect(await held).to.be.a('function')
    expect(await world.store.has(address)).to.equal(true)
  })

  it('what is not here cannot be held', async () => {
    const failed = await world.blobs.hold('00'.repeat(32)).catch((error: unknown) => error)
    expect(failed).to.include({ name: 'BlobError', code: 'missing' })
  })

  it('drafts of an earlier run go, unless something refers to what they would be', async () => {
    const reference = await world.blobs.put(hello())
    await world.put('one', reference)
    for (const name of ['new-1', reference.address, '00'.repeat(32)]) {
      await (await world.store.draft(name)).write(0, new Uint8Array(1))
    }
    const working = await world.blobs.draft('new-2')
    await world.blobs.sweep()
    expect(await world.store.drafts()).to.have.members([reference.address, 'new-2'])
    await working.close()
    await world.blobs.sweep()
    expect(await world.store.drafts()).to.deep.equal([reference.address])
  })
})
