import { expect } from 'chai'
import { readAhead } from './read-ahead.ts'

describe('reading ahead', () => {
  it('has four reads under way, and gives them in order, as far as there are any', async () => {
    const begun: number[] = []
    const ends: (() => void)[] = []
    const read = (index: number) => {
      begun.push(index)
      return new Promise<Uint8Array>(resolve => ends.push(() => resolve(new Uint8Array([index]))))
    }
    const chunks = readAhead(read, 2, 8)
    const first = chunks.next()
    expect(begun).to.deep.equal([2, 3, 4, 5])
    for (const end of ends.toReversed()) end()
    expect((await first).value).to.deep.equal(new Uint8Array([2]))
    const rest: number[] = []
    const reading = (async () => {
      for await (const chunk of chunks) {
        rest.push(...chunk)
        for (const end of ends) end()
      }
    })()
    await reading
    expect([begun, rest]).to.deep.equal([
      [2, 3, 4, 5, 6, 7],
      [3, 4, 5, 6, 7]
    ])
  })

  it('gives what was read before one that fails', async () => {
    const read = async (index: number) => {
      if (index === 2) throw new Error('EIO')
      return new Uint8Array([index])
    }
    const given: number[] = []
    let failure = ''
    try {
      for await (const chunk of readAhead(read, 0, 5)) given.push(...chunk)
    } catch (error) {
      failure = (error as Error).message
    }
    expect([given, failure]).to.deep.equal([[0, 1], 'EIO'])
  })

  it('ends when no read is under way any more', async () => {
    let isOver = false
    let end = () => {}
    const late = new Promise<Uint8Array>(resolve => {
      end = () => resolve(new Uint8Array())
    })
    const chunks = readAhead(async index => (index === 0 ? new Uint8Array() : await late), 0, 3)
    await chunks.next()
    const leaving = chunks.return(undefined).then(() => {
      isOver = true
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(isOver).to.equal(false)
    end()
    await leaving
  })
})
