import { expect } from 'chai'
import { checkKey, textToAddress } from './address.ts'
import { bytesToJson, jsonToBytes } from './canonical-json.ts'

const text = (value: Parameters<typeof jsonToBytes>[0]) => new TextDecoder().decode(jsonToBytes(value))

describe('stored JSON', () => {
  it('has one text for one value, whatever the order of its members', () => {
    expect(text({ b: 1, a: { d: [1, 'x', null], c: true } })).to.equal('{"a":{"c":true,"d":[1,"x",null]},"b":1}')
    expect(text({ a: { c: true, d: [1, 'x', null] }, b: 1 })).to.equal(
      text({ b: 1, a: { d: [1, 'x', null], c: true } })
    )
  })

  it('sorts members as RFC 8785 does and writes numbers as it does', () => {
    // Section 3.2.3: by UTF-16 units, so the emoji stands before the Hebrew letter
    const sorted = text({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 })
    expect(Object.values(JSON.parse(sorted.replace('"1"', '"x1"')))).to.deep.equal([2, 4, 6, 7, 1, 5, 3])
    expect(text([1e21, 1e-7, -0, 0.1, 4.5])).to.equal('[1e+21,1e-7,0,0.1,4.5]')
  })

  it('takes back what it wrote and no bytes that are not JSON', () => {
    const value = { __proto__x: 1, list: [{ deep: [] }] }
    expect(bytesToJson(jsonToBytes(value))).to.deep.equal(value)
    for (const bytes of [new Uint8Array(), new Uint8Array([0xff]), new TextEncoder().encode('{')]) {
      expect(() => bytesToJson(bytes))
        .to.throw()
        .with.property('code', 'FailedPrecondition')
    }
  })
})

describe('addresses', () => {
  it('are a name, or who shares it and a name', () => {
    expect(textToAddress(undefined)).to.deep.equal({ name: 'default' })
    expect(textToAddress('house')).to.deep.equal({ name: 'house' })
    expect(textToAddress('Ann/house')).to.deep.equal({ who: 'Ann', name: 'house' })
    expect(textToAddress('Ann / Ben/house')).to.deep.equal({ who: 'Ann / Ben', name: 'house' })
  })

  it('keys are refused that a terminal or a database could misread', () => {
    for (const key of ['\u0000', '\u007f', 'a\tb', '\ud800', 'x'.repeat(513)]) {
      expect(() => checkKey(key), JSON.stringify(key))
        .to.throw()
        .with.property('code', 'InvalidArgument')
    }
    expect(() => checkKey('cities/München 🏙')).not.to.throw()
  })
})
