import { expect } from 'chai'
import { FreshChunks } from './fresh-chunks.ts'

const chunk = () => new Uint8Array(32 * 1024)

describe('chunks that came just now', () => {
  /** So many that are written, and whether the memory of each is still there. */
  const some = (count: number) => {
    const fresh = new FreshChunks()
    const chunks = Array.from({ length: count }, chunk)
    for (const [index, sealed] of chunks.entries()) fresh.add(index, sealed)
    let next = 0
    const write = (upTo = count) => {
      for (; next < upTo; next++) fresh.written(next)
    }
    return { fresh, write, there: () => chunks.map(({ length }) => length > 0) }
  }

  it('are read before they are written, and given back when they are read and written', () => {
    const { fresh, there } = some(2)
    const reader = fresh.follow(0)
    expect(reader.take()?.length).to.equal(chunk().length)
    reader.next()
    expect(there()).to.deep.equal([true, true])
    fresh.written(0)
    expect(there()).to.deep.equal([false, true])
    expect(reader.at).to.equal(1)
    reader.take()
    fresh.written(1)
    expect(there()).to.deep.equal([false, true])
    reader.next()
    expect(there()).to.deep.equal([false, false])
    expect(reader.take()).to.equal(undefined)
  })

  it('are given back when written if nobody reads, or who reads left', () => {
    const { fresh, write, there } = some(3)
    const reader = fresh.follow(0)
    reader.take()
    write(2)
    expect(there()).to.deep.equal([true, true, true])
    reader.leave()
    expect(there()).to.deep.equal([false, false, true])
    write()
    expect(there()).to.deep.equal([false, false, false])
  })

  it('stay for whoever is at most four behind', () => {
    const { fresh, write, there } = some(8)
    const [near, far] = [fresh.follow(6), fresh.follow(0)]
    near.take()
    write()
    expect(there()).to.deep.equal([false, false, false, false, true, true, true, true])
    expect(far.take()).to.equal(undefined)
    far.leave()
    near.next()
    expect(there()).to.deep.equal([false, false, false, false, false, false, false, true])
  })

  it('stay for whoever is at one of them, however far behind', () => {
    const { fresh, write, there } = some(8)
    const reader = fresh.follow(0)
    reader.take()
    write()
    expect(there()).to.deep.equal([true, false, false, false, true, true, true, true])
    reader.next()
    expect(there()).to.deep.equal([false, false, false, false, true, true, true, true])
  })

  it('stay for each of two who read them at once', () => {
    const { fresh, write, there } = some(1)
    const [one, other] = [fresh.follow(0), fresh.follow(0)]
    one.take()
    other.take()
    write()
    one.next()
    expect(there()).to.deep.equal([true])
    other.next()
    expect(there()).to.deep.equal([false])
  })
})
