import { expect } from 'chai'
import type { FixtureTwin } from '../twins.fixture.ts'
import { fileSent, SuiteTwin } from './blobs.fixture.ts'
import { readBytes } from './compliance.ts'

describe('fetching a blob to a disk that stands', () => {
  it('has it read while it is written, and whole only then', async () => {
    const { world, ben, bytes, reference } = await fileSent(6, 'Ben')
    const disk = slowDisk(ben)
    let size = 0
    let isOver = false
    const reading = (async () => {
      for await (const { data } of ben.blobs.read({ reference })) {
        size += data.length
        if (size === bytes.length) disk.goOn()
      }
      isOver = true
    })()
    await disk.isStanding
    expect([isOver, await ben.blobStore.has(reference.address)]).to.deep.equal([false, false])
    await reading
    expect(await readBytes(new SuiteTwin(ben), reference)).to.deep.equal(bytes)
    await world.stop()
  })

  it('keeps no more than 16 chunks in memory', async () => {
    const { world, ben, bytes, reference } = await fileSent(24, 'Ben')
    const disk = slowDisk(ben)
    const reading = readBytes(new SuiteTwin(ben), reference)
    await disk.isStanding
    // What was under way to a disk that takes nothing would be here by now
    while (disk.waiting < 16) await ben.clock.advance(10)
    for (let turn = 0; turn < 50; turn++) await ben.clock.advance(10)
    expect(disk.waiting).to.equal(16)
    disk.goOn()
    expect(await reading).to.deep.equal(bytes)
    await world.stop()
  })
})

/** Lets no write of a draft end until it goes on. */
function slowDisk(twin: FixtureTwin) {
  const { blobStore } = twin
  const draft = blobStore.draft.bind(blobStore)
  let stands = () => {}
  let goOn = () => {}
  const isStanding = new Promise<void>(resolve => {
    stands = resolve
  })
  const going = new Promise<void>(resolve => {
    goOn = resolve
  })
  const disk = { isStanding, goOn: () => goOn(), waiting: 0 }
  blobStore.draft = async name => {
    const made = await draft(name)
    const write = async (index: number, sealed: Uint8Array) => {
      disk.waiting++
      stands()
      await going
      await made.write(index, sealed)
    }
    return { ...made, write }
  }
  return disk
}
