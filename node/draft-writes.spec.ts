import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { DraftWrites } from './draft-writes.ts'

const size = 1000

describe('writes of a draft', () => {
  let folder: string
  let file: FileHandle
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'twin-draft-'))
    file = await open(join(folder, 'draft'), 'w+')
  })
  afterEach(async () => {
    await file.close()
    await rm(folder, { recursive: true })
  })

  const piece = (index: number) => new Uint8Array(size).fill(index + 1)
  const content = async (...indexes: number[]) => {
    const bytes = await readFile(join(folder, 'draft'))
    return indexes.map(index => new Set(bytes.subarray(index * size, (index + 1) * size)))
  }
  /** Does something in place of a write to the system, and tells the pieces of each. */
  const instead = (write: (pieces: readonly Uint8Array[], at: number) => ReturnType<FileHandle['writev']>) => {
    const calls: number[] = []
    const { writev } = file
    file.writev = ((pieces: Uint8Array[], at: number) => {
      calls.push(pieces.length)
      return write(pieces, at)
    }) as typeof writev
    return { calls, writev: writev.bind(file) }
  }

  it('go down together when they come while one is under way, and lie one behind the other', async () => {
    const { calls, writev } = instead((pieces, at) => writev([...pieces], at))
    const writes = new DraftWrites(file)
    const indexes = [0, 1, 2, 3, 4, 5, 9, 10]
    await Promise.all(indexes.map(index => writes.write(index * size, piece(index))))
    expect(calls).to.deep.equal([1, 5, 2])
    await writes.write(6 * size, piece(6))
    expect(await content(...indexes, 6)).to.deep.equal([...indexes, 6].map(index => new Set([index + 1])))
    await writes.end()
  })

  it('are whole when the system takes a part of them at a time', async () => {
    const { writev } = instead((pieces, at) => writev([pieces[0]!.subarray(0, 700)], at))
    const writes = new DraftWrites(file)
    await Promise.all([0, 1, 2].map(index => writes.write(index * size, piece(index))))
    expect(await content(0, 1, 2)).to.deep.equal([0, 1, 2].map(index => new Set([index + 1])))
  })

  it('fail alone, with those that went along, and those after them go on', async () => {
    const { calls, writev } = instead((pieces, at) =>
      calls.length === 2 ? Promise.reject(new Error('EIO')) : writev([...pieces], at)
    )
    const writes = new DraftWrites(file)
    const settled = Promise.allSettled([0, 1, 2, 5].map(index => writes.write(index * size, piece(index))))
    expect((await settled).map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled'
    ])
  })

  it('are over when their end resolves', async () => {
    const writes = new DraftWrites(file)
    let isOver = false
    const last = Promise.all([0, 1, 2].map(index => writes.write(index * size, piece(index)))).then(() => {
      isOver = true
    })
    await writes.end()
    expect(isOver).to.equal(true)
    await last
  })
})
