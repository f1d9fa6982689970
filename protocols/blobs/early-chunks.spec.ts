import { expect } from 'chai'
import type { StoredBlob } from '../../crdt/blobs/index.ts'
import type { FixtureTwin } from '../twins.fixture.ts'
import { fileSent, SuiteTwin } from './blobs.fixture.ts'
import { readBytes } from './compliance.ts'

describe('the first chunks of a blob', () => {
  it('are under way before its manifest came', async () => {
    const { world, ann, ben, bytes, reference } = await fileSent(3, 'Ben')
    const provider = watched(ann)
    provider.close = () => provider.isRead
    expect(await readBytes(new SuiteTwin(ben), reference)).to.deep.equal(bytes)
    await world.stop()
  })

  it('are no more than the window of the call while no manifest comes', async () => {
    const { world, ann, ben, bytes, reference } = await fileSent(24, 'Ben')
    const provider = watched(ann)
    let goOn = () => {}
    const isGoingOn = new Promise<void>(resolve => {
      goOn = resolve
    })
    provider.close = () => isGoingOn
    const reading = readBytes(new SuiteTwin(ben), reference)
    await provider.isRead
    for (let turn = 0; turn < 50; turn++) await ben.clock.advance(10)
    // Eight of the window, the one that went beyond it, and four that are read ahead
    expect(provider.reads).to.be.within(8, 13)
    expect(await ben.blobStore.draft(reference.address)).to.include({ length: 0 })
    goOn()
    expect(await reading).to.deep.equal(bytes)
    await world.stop()
  })

  it('are asked for no more and not kept where another manifest came, and the next member is asked', async () => {
    const { world, ann, ben, cleo, bytes, reference } = await fileSent(24, 'Trip')
    expect(await readBytes(new SuiteTwin(cleo), reference)).to.deep.equal(bytes)
    const liar = watched(ann)
    liar.manifest = manifest => manifest.map((byte, index) => (index === 20 ? byte ^ 1 : byte))
    liar.close = () => liar.isRead
    ann.blobStore.spoil(reference.address, 0, chunk => chunk.fill(0))
    const chunks = ben.blobs.read({ reference })[Symbol.asyncIterator]()
    const first = await chunks.next()
    expect(first.value?.data).to.deep.equal(bytes.subarray(0, 256 * 1024))
    // While the fetch goes on
    await liar.isClosed()
    expect(liar.opened).to.equal(2)
    await chunks.return?.()
    expect(await readBytes(new SuiteTwin(ben), reference)).to.deep.equal(bytes)
    await world.stop()
  })
})

/** What a twin is asked for of its blobs. `close` holds up whoever closes one, and so the answer with its manifest. */
function watched(twin: FixtureTwin) {
  const { blobStore } = twin
  const open = blobStore.open.bind(blobStore)
  let read = () => {}
  let closed = () => {}
  const provider = {
    opened: 0,
    closed: 0,
    reads: 0,
    isRead: new Promise<void>(resolve => {
      read = resolve
    }),
    /** Resolves when nothing is open */
    isClosed: async () => {
      while (provider.closed < provider.opened) {
        await new Promise<void>(resolve => {
          closed = resolve
        })
      }
    },
    manifest: (manifest: Uint8Array) => manifest,
    close: async () => {}
  }
  blobStore.open = async address => {
    const blob = await open(address)
    if (blob === undefined) return undefined
    provider.opened++
    const stored: StoredBlob = {
      manifest: provider.manifest(blob.manifest),
      read: index => {
        provider.reads++
        read()
        return blob.read(index)
      },
      close: async () => {
        await provider.close()
        provider.closed++
        closed()
      }
    }
    return stored
  }
  return provider
}
