/** What any store of blobs must show. */
import { expect } from 'chai'
import type { BlobStore } from './blob-store.ts'
import { sealedChunkSize } from './format.ts'

export interface BlobStoreWorld {
  readonly store: BlobStore
  /** The store as a new process finds it */
  again(): Promise<BlobStore>
  stop(): Promise<void>
}

const address = 'ab'.repeat(32)
const manifest = new Uint8Array([1, 2, 3])
const full = new Uint8Array(sealedChunkSize).fill(7)
const last = new Uint8Array(20).fill(9)

export default function blobStoreCompliance(setup: () => Promise<BlobStoreWorld>): void {
  let world: BlobStoreWorld
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  const store = async () => {
    const draft = await world.store.draft('new-1')
    await draft.write(0, full)
    await draft.write(1, last)
    await draft.finish(address, manifest)
  }
  const contentOf = async (blobs: BlobStore) => {
    const blob = await blobs.open(address)
    if (blob === undefined) return undefined
    const content = [blob.manifest, await blob.read(0), await blob.read(1)].map(bytes => Uint8Array.from(bytes))
    await blob.close()
    return content
  }

  it('a finished draft is a blob, here and after a restart', async () => {
    await store()
    expect(await contentOf(world.store)).to.deep.equal([manifest, full, last])
    const again = await world.again()
    expect(await contentOf(again)).to.deep.equal([manifest, full, last])
    expect(await again.list()).to.deep.equal([address])
    expect(await again.drafts()).to.deep.equal([])
  })

  it('a draft is no blob, and what it holds is there to go on with', async () => {
    const draft = await world.store.draft(address)
    await draft.write(0, full)
    await draft.close()
    expect(await world.store.has(address)).to.equal(false)
    const again = await world.again()
    expect([await again.list(), await again.drafts()]).to.deep.equal([[], [address]])
    const more = await again.draft(address)
    expect(more.length).to.equal(1)
    expect(Uint8Array.from(await more.read(0))).to.deep.equal(full)
    await more.write(1, last)
    await more.finish(address, manifest)
    expect(await contentOf(again)).to.deep.equal([manifest, full, last])
  })

  it('a discarded draft leaves nothing', async () => {
    const draft = await world.store.draft('new-1')
    await draft.write(0, full)
    await draft.discard()
    expect(await (await world.again()).drafts()).to.deep.equal([])
  })

  it('what is set aside is out of sight, and back when it is brought back', async () => {
    await store()
    await world.store.setAside(address)
    expect([await world.store.has(address), await world.store.list()]).to.deep.equal([false, []])
    await world.store.bringBack(address)
    expect(await contentOf(world.store)).to.deep.equal([manifest, full, last])
  })

  it('what is destroyed is gone, but not from under who reads it', async () => {
    await store()
    const blob = await world.store.open(address)
    await world.store.setAside(address)
    await world.store.destroy(address)
    expect(await world.store.open(address)).to.equal(undefined)
    expect(Uint8Array.from(await blob!.read(1))).to.deep.equal(last)
    await blob!.close()
    expect(await (await world.again()).list()).to.deep.equal([])
  })

  it('storing a blob that is here already changes nothing', async () => {
    await store()
    await store()
    expect(await contentOf(world.store)).to.deep.equal([manifest, full, last])
  })
}
