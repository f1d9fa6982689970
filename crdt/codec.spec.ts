import { encode as cborgEncode } from 'cborg'
import { expect } from 'chai'
import fc from 'fast-check'
import { CodecError, decode, type Encodable, encode } from './codec.ts'

const encodable = fc.letrec<{ value: Encodable }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger().map(value => value + 0),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 30 })
  )
})).value

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

describe('codec', () => {
  it('encode() writes what an independent DAG-CBOR encoder writes', () => {
    fc.assert(
      fc.property(encodable, value => {
        expect(encode(value)).to.deep.equal(new Uint8Array(cborgEncode(value)))
      })
    )
  })

  it('decode() is the inverse of encode()', () => {
    fc.assert(
      fc.property(encodable, value => {
        expect(encode(decode(encode(value)) as Encodable)).to.deep.equal(encode(value))
      })
    )
  })

  it('decode() takes bytes only when encode() would write the same', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.tuple(encodable, fc.nat(), fc.nat({ max: 255 })).map(([value, at, byte]) => {
        const mutated = encode(value)
        mutated[at % mutated.length] = byte
        return mutated
      })
    )
    fc.assert(
      fc.property(bytes, input => {
        let value: unknown
        try {
          value = decode(input)
        } catch (error) {
          expect(error).to.be.instanceOf(CodecError)
          return
        }
        expect(encode(value as Encodable)).to.deep.equal(input)
      }),
      { numRuns: 2000 }
    )
  })

  const refused: [string, string][] = [
    ['nothing', ''],
    ['an integer longer than needed', '1817'],
    ['an integer past 2^53 − 1', '1b0020000000000000'],
    ['a negative integer past −2^53 + 1', '3b001fffffffffffff'],
    ['a float', 'fb3ff0000000000000'],
    ['undefined', 'f7'],
    ['a tag', 'd82a4100'],
    ['an indefinite array', '9f01ff'],
    ['an array longer than the bytes', '9bffffffffffffffff'],
    ['a byte string longer than the bytes', '5affffffff00'],
    ['text that is not UTF-8', '61ff'],
    ['a map with a repeated key', 'a2616101616102'],
    ['a map with keys in the wrong order', 'a2616201616102'],
    ['a map with a longer key first', 'a262616101616202'],
    ['a map with a key that is no text', 'a10101'],
    ['bytes after the value', '0101']
  ]
  for (const [what, bytes] of refused) {
    it(`decode() refuses ${what}`, () => {
      expect(() => decode(hex(bytes))).to.throw(CodecError)
    })
  }

  it('decode() keeps a byte order mark', () => {
    expect(decode(hex('63efbbbf'))).to.equal('\ufeff')
  })

  it('decode() keeps a key named __proto__ as plain data', () => {
    const map = decode(hex('a1695f5f70726f746f5f5fa0')) as Record<string, unknown>
    expect(Object.keys(map)).to.deep.equal(['__proto__'])
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
  })

  it('decode() bounds depth and count', () => {
    const deep = new Uint8Array(100_000).fill(0x81)
    expect(() => decode(deep)).to.throw(CodecError, 'deep')
    const many = encode(new Array(1000).fill(0))
    expect(() => decode(many, { maxItems: 1000 })).to.throw(CodecError, 'long')
    expect(decode(many, { maxItems: 1001 })).to.have.length(1000)
  })

  it('decode() answers plain Uint8Arrays of a Buffer', () => {
    const value = decode(Buffer.from(encode([new Uint8Array([1])]))) as Uint8Array[]
    expect(value[0]!.constructor).to.equal(Uint8Array)
  })

  it('encode() leaves out undefined fields and refuses what has no encoding', () => {
    expect(encode({ a: undefined, b: 1 })).to.deep.equal(hex('a1616201'))
    for (const value of [
      1.5,
      Number.NaN,
      2 ** 53,
      1n,
      undefined,
      [undefined],
      new Map(),
      '\ud800',
      { '\ud800': 1 },
      () => 0
    ]) {
      expect(() => encode(value as Encodable)).to.throw(TypeError)
    }
    expect(encode(1)).to.deep.equal(hex('01')) // a failed call leaves nothing behind
  })
})
