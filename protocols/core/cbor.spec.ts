import * as cborg from 'cborg'
import { expect } from 'chai'
import fc from 'fast-check'
import { DecodeError, decodeCbor, encodeCbor } from './index.ts'

const key = fc.string({ unit: 'binary', maxLength: 40 }).filter(name => name !== '__proto__')
const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary', maxLength: 100 }),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }).filter(n => n > 2n ** 53n || n < -(2n ** 53n)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(n => (Object.is(n, -0) ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6, noNullPrototype: true })
  )
}))

describe('encodeCbor()', () => {
  it('writes the same bytes as cborg', () => {
    fc.assert(
      fc.property(value, input => {
        expect(encodeCbor(input)).to.deep.equal(new Uint8Array(cborg.encode(input, { float64: true })))
      }),
      { numRuns: 1000 }
    )
  })

  it('is undone by decodeCbor()', () => {
    fc.assert(
      fc.property(value, input => {
        expect(decodeCbor(encodeCbor(input))).to.deep.equal(input)
      }),
      { numRuns: 1000 }
    )
  })

  it('leaves out members that are undefined and refuses what has no form', () => {
    expect(decodeCbor(encodeCbor({ a: undefined, b: 1 }))).to.deep.equal({ b: 1 })
    for (const input of [undefined, [undefined], Number.NaN, Number.POSITIVE_INFINITY, () => {}, 2n ** 64n]) {
      expect(() => encodeCbor(input)).to.throw(TypeError)
    }
  })

  it('passes large bytes on and gives them back', () => {
    const data = Uint8Array.from({ length: 100_000 }, (_, i) => i)
    expect(decodeCbor(encodeCbor({ a: data, z: [data, 'end'] }))).to.deep.equal({ a: data, z: [data, 'end'] })
  })
})

describe('decodeCbor()', () => {
  const refused: [string, string][] = [
    ['a tag', 'c000'],
    ['undefined', 'f7'],
    ['an indefinite array', '9fff'],
    ['an indefinite text', '7fff'],
    ['a number longer than needed', '1800'],
    ['a number of eight bytes that fits four', '1b0000000000000001'],
    ['a length longer than needed', '580100'],
    ['half a float', 'f93c00'],
    ['a short float', 'fa3f800000'],
    ['not a number', 'fb7ff8000000000000'],
    ['infinity', 'fb7ff0000000000000'],
    ['a repeated key', 'a2616101616102'],
    ['the key __proto__', 'a1695f5f70726f746f5f5fa0'],
    ['a key that is a number', 'a10101'],
    ['text that is not UTF-8', '62c328'],
    ['a break', 'ff'],
    ['bytes after the value', '0000'],
    ['nothing', ''],
    ['a map of four billion members', 'baffffffff'],
    ['an array of four billion items', '9affffffff'],
    ['bytes of which none are there', '5affffffff'],
    ['a reserved width', '1c']
  ]
  for (const [what, hex] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => decodeCbor(fromHex(hex))).to.throw(DecodeError)
    })
  }

  it('refuses nesting beyond its bound without exhausting the stack', () => {
    expect(() => decodeCbor(new Uint8Array(1_000_000).fill(0x81))).to.throw(DecodeError, 'nested')
    expect(() => decodeCbor(fromHex('818100'), { maxDepth: 1 })).to.throw(DecodeError)
    expect(decodeCbor(fromHex('818100'), { maxDepth: 2 })).to.deep.equal([[0]])
  })

  it('throws nothing but DecodeError on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), input => {
        try {
          decodeCbor(input)
        } catch (error) {
          expect(error).to.be.instanceOf(DecodeError)
        }
      }),
      { numRuns: 5000 }
    )
  })

  it('copies small values out of a Buffer too', () => {
    const input = Buffer.from(encodeCbor({ data: new Uint8Array([1, 2]) }))
    const { data } = decodeCbor(input) as { data: Uint8Array }
    input.fill(0)
    expect(data).to.deep.equal(new Uint8Array([1, 2]))
    expect(data.constructor).to.equal(Uint8Array)
  })
})

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
}
