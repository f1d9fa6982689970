import { type FileHandle, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import blobStoreCompliance from '../crdt/blobs/compliance.ts'
import { sealedChunkSize } from '../crdt/blobs/index.ts'
import { BlobFiles } from './blob-files.ts'

const address = 'cd'.repeat(32)

async function inFolder() {
  const folder = join(await mkdtemp(join(tmpdir(), 'twin-blobs-')), 'blobs')
  return { folder, store: await BlobFiles.open(folder), stop: () => rm(join(folder, '..'), { recursive: true }) }
}

async function storeOne(store: BlobFiles): Promise<void> {
  const draft = await store.draft('new-1')
  await draft.write(0, new Uint8Array([1, 2, 3]))
  await draft.finish(address, new Uint8Array([4]))
}

describe('blobs in files', () => {
  blobStoreCompliance(async () => {
    const { folder, store, stop } = await inFolder()
    return { store, again: () => BlobFiles.open(folder), stop }
  })

  it('belong to their owner alone', async () => {
    const { folder, store, stop } = await inFolder()
    await storeOne(store)
    const modes = await Promise.all(
      [folder, join(folder, address), join(folder, `${address}.list`)].map(path => stat(path))
    )
    expect(modes.map(({ mode }) => mode & 0o777)).to.deep.equal([0o700, 0o600, 0o600])
    await stop()
  })

  it('a crash while one is removed leaves it whole, one while it is stored leaves nothing that counts', async () => {
    const { folder, store, stop } = await inFolder()
    await storeOne(store)
    await store.setAside(address)
    const other = 'ef'.repeat(32)
    for (const name of [`${other}.list`, `${other}.list.new`]) await writeFile(join(folder, name), 'x')
    const again = await BlobFiles.open(folder)
    expect(await again.list()).to.deep.equal([address])
    expect((await readdir(folder)).sort()).to.deep.equal([address, `${address}.list`])
    await stop()
  })

  it('chunks without their list are no blob', async () => {
    const { folder, store, stop } = await inFolder()
    await storeOne(store)
    await rm(join(folder, `${address}.list`))
    expect(await store.open(address)).to.equal(undefined)
    await stop()
  })

  it('what the disk did not take while more came is no blob, though a later sync succeeds', async () => {
    const { folder, store, stop } = await inFolder()
    const other = await open(join(folder, 'other'), 'w')
    const prototype = Object.getPrototypeOf(other) as FileHandle
    await other.close()
    const { datasync } = prototype
    const asked: number[] = []
    prototype.datasync = async () => {
      asked.push(Date.now())
      throw new Error('EIO')
    }
    const draft = await store.draft(address)
    try {
      const chunk = new Uint8Array(sealedChunkSize)
      for (let index = 0; index < 40; index++) await draft.write(index, chunk)
      const failure = await draft.finish(address, new Uint8Array([4])).catch((error: Error) => error.message)
      expect([asked.length, failure]).to.deep.equal([1, 'EIO'])
      expect(await store.has(address)).to.equal(false)
    } finally {
      prototype.datasync = datasync
      await draft.discard()
      await stop()
    }
  })

  it('what the disk did not take at the end, chunks or list, is no blob, and nothing goes on behind the failure', async () => {
    const { folder, store, stop } = await inFolder()
    const other = await open(join(folder, 'other'), 'w')
    const prototype = Object.getPrototypeOf(other) as FileHandle
    await other.close()
    const { sync } = prototype
    try {
      for (const failing of [0, 1]) {
        let asked = 0
        let ended = 0
        prototype.sync = async function (this: FileHandle) {
          if (asked++ === failing) throw new Error('EIO')
          await sync.call(this)
          ended++
        }
        const draft = await store.draft(address)
        await draft.write(0, new Uint8Array([1, 2, 3]))
        const failure = await draft.finish(address, new Uint8Array([4])).catch((error: Error) => error.message)
        expect([failure, asked, ended]).to.deep.equal(['EIO', 2, 1])
        await draft.close()
        expect(await (await BlobFiles.open(folder)).has(address)).to.equal(false)
      }
    } finally {
      prototype.sync = sync
    }
    await (await store.draft(address)).finish(address, new Uint8Array([4]))
    expect(await store.has(address)).to.equal(true)
    await stop()
  })

  it('a name that leads out of the folder is refused', async () => {
    const { store, stop } = await inFolder()
    for (const name of ['../x', 'a/b', '', '.']) {
      expect(await store.open(name).catch((error: Error) => error.name), name).to.equal('RangeError')
    }
    await stop()
  })
})
