import { expect } from 'chai'
import fc from 'fast-check'
import { nodeCrypto } from '../../node/crypto.ts'
import { decode, encode } from '../codec.ts'
import { frozen } from '../frozen.fixture.ts'
import { EnvelopeError, type EnvelopeErrorCode, openEnvelope, sealEnvelope } from './envelope.ts'

const crypto = nodeCrypto()
const signer = crypto.signer(new Uint8Array(32).fill(7))
const domain = 'twinmesh/test/1'
const expected = { domain, crypto, fields: ['v', 'text', 'extra'] }

async function codeOf(promise: Promise<unknown>): Promise<EnvelopeErrorCode | 'opened'> {
  try {
    await promise
    return 'opened'
  } catch (error) {
    expect(error).to.be.instanceOf(EnvelopeError)
    return (error as EnvelopeError).code
  }
}

describe('envelope', () => {
  it('opens to the payload and the verified signer', async () => {
    const opened = await openEnvelope(await sealEnvelope(domain, { v: 1, text: 'hello' }, signer), expected)
    expect(opened.signer).to.deep.equal(signer.publicKey)
    expect({ ...opened.payload }).to.deep.equal({ v: 1, text: 'hello' })
  })

  it('has the frozen bytes', async () => {
    const payload = { v: 1, text: 'hello', extra: new Uint8Array([1, 2]), crit: ['text'] }
    const made = {
      domain,
      secret: new Uint8Array(32).fill(7),
      payload: encode(payload),
      envelope: await sealEnvelope(domain, payload, signer)
    }
    const vector = await frozen('envelope', made)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('does not open in another domain, even one that is a prefix', async () => {
    const bytes = await sealEnvelope(domain, { v: 1 }, signer)
    for (const other of ['twinmesh/test/11', 'twinmesh/test/', 'twinmesh/device/1']) {
      expect(await codeOf(openEnvelope(bytes, { ...expected, domain: other }))).to.equal('WrongDomain')
    }
  })

  it('does not open when the domain was swapped for the expected one', async () => {
    const parts = decode(await sealEnvelope('twinmesh/other/1', { v: 1 }, signer)) as (string | Uint8Array | number)[]
    parts[1] = domain
    expect(await codeOf(openEnvelope(encode(parts), expected))).to.equal('BadSignature')
  })

  it('does not open under the name of somebody else', async () => {
    const parts = decode(await sealEnvelope(domain, { v: 1 }, signer)) as (string | Uint8Array | number)[]
    parts[2] = crypto.signer(new Uint8Array(32).fill(8)).publicKey
    expect(await codeOf(openEnvelope(encode(parts), expected))).to.equal('BadSignature')
  })

  it('does not open with any byte changed, added or cut', async () => {
    const bytes = await sealEnvelope(domain, { v: 1, text: 'hello' }, signer)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = bytes.slice()
        changed[at]! ^= mask
        expect(await codeOf(openEnvelope(changed, expected))).to.not.equal('opened')
        expect(await codeOf(openEnvelope(bytes.subarray(0, at), expected))).to.equal('Malformed')
      })
    )
    expect(await codeOf(openEnvelope(new Uint8Array([...bytes, 0]), expected))).to.equal('Malformed')
  })

  it('lets an unknown field pass and refuses one that is called critical', async () => {
    const open = async (payload: Parameters<typeof sealEnvelope>[1]) =>
      codeOf(openEnvelope(await sealEnvelope(domain, payload, signer), expected))
    expect(await open({ v: 1, later: true })).to.equal('opened')
    expect(await open({ v: 1, text: '', crit: ['text'] })).to.equal('opened')
    expect(await open({ v: 1, later: true, crit: ['later'] })).to.equal('UnknownCritical')
    expect(await open({ v: 1, crit: ['text'] })).to.equal('Malformed')
    expect(await open({ v: 1, crit: [] })).to.equal('Malformed')
    expect(await open({ v: 1, crit: 'v' })).to.equal('Malformed')
    expect(await open({ v: 1, crit: ['v', 'v'] })).to.equal('Malformed')
  })

  it('has a size limit on both sides', async () => {
    const large = { v: 1, text: 'x'.repeat(64 * 1024) }
    let refused: unknown
    await sealEnvelope(domain, large, signer).catch(error => {
      refused = error
    })
    expect(refused).to.be.instanceOf(RangeError)
    expect(await codeOf(openEnvelope(new Uint8Array(64 * 1024 + 1), expected))).to.equal('TooLarge')
  })

  it('refuses what is CBOR but no envelope', async () => {
    const parts = decode(await sealEnvelope(domain, { v: 1 }, signer)) as (string | Uint8Array | number)[]
    for (const wrong of [[...parts, 1], parts.slice(1), [2, ...parts.slice(1)], {}, 1]) {
      expect(await codeOf(openEnvelope(encode(wrong as never), expected))).to.equal('Malformed')
    }
  })
})
