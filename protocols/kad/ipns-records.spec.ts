import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { expect } from 'chai'
import { marshalIPNSRecord, unmarshalIPNSRecord } from 'ipns'
import { fromString } from 'uint8arrays/from-string'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { maxPayloadSize, maxRecordSize, openIpnsRecord, parseIpnsRecord, routingKey, signIpnsRecord } from './index.ts'

const secret = new Uint8Array(32).fill(7)
const payload = Uint8Array.of(0xa1, 0x61, 0x76, 0x01)
const sign = (changes: Partial<Parameters<typeof signIpnsRecord>[0]> = {}) =>
  signIpnsRecord({ secret, payload, sequence: 5n, lifetimeMs: 60_000, ...changes })

describe('IPNS records', () => {
  let key: Uint8Array
  before(async () => {
    key = (await generateKeyPairFromSeed('Ed25519', secret)).publicKey.raw
  })

  it('carry a payload under a key, with a sequence number and an end', async () => {
    const opened = await openIpnsRecord(key, await sign())
    expect(opened.payload).to.deep.equal(payload)
    expect(opened.sequence).to.equal(5n)
    expect(opened.key).to.equal(key)
    expect(opened.validUntil - Date.now()).to.be.within(50_000, 60_000)
  })

  it('have the second version of the signature only', async () => {
    expect(unmarshalIPNSRecord(await sign())).to.not.have.property('signatureV1')
  })

  it('are refused under another key, after their end, and when what they say was changed', async () => {
    const other = (await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(8))).publicKey.raw
    const record = await sign()
    const refused = async (promise: Promise<unknown>) =>
      expect(await promise.catch(error => error)).to.be.instanceOf(Error)
    await refused(openIpnsRecord(other, record))
    const expired = await sign({ lifetimeMs: -1000 })
    await refused(openIpnsRecord(key, expired))
    expect(parseIpnsRecord(key, expired).sequence, 'readable as a memory').to.equal(5n)
    const original = await openIpnsRecord(key, record)
    for (let i = 0; i < record.length; i++) {
      const changed = record.slice()
      changed[i] = (changed[i] ?? 0) ^ 1
      // Bits of the frame that nobody reads may change; what is said may not
      const opened = await openIpnsRecord(key, changed).catch(() => original)
      expect(opened, `byte ${i}`).to.deep.equal(original)
    }
  })

  it('are refused when they point somewhere instead of carrying a payload', async () => {
    const { createIPNSRecord } = await import('ipns')
    const owner = await generateKeyPairFromSeed('Ed25519', secret)
    const record = marshalIPNSRecord(
      await createIPNSRecord(owner, '/ipfs/bafkqaaa', 1, 60_000, { v1Compatible: false })
    )
    expect(await openIpnsRecord(key, record).catch(error => error)).to.be.instanceOf(Error)
  })

  it('stay below what everybody stores, with the largest payload', async () => {
    const record = await sign({ payload: new Uint8Array(maxPayloadSize).fill(255) })
    expect(record.length).to.be.at.most(maxRecordSize)
    expect((await openIpnsRecord(key, record)).payload).to.have.length(maxPayloadSize)
    const error = await sign({ payload: new Uint8Array(maxPayloadSize + 1) }).catch(reason => reason)
    expect(error).to.be.instanceOf(RangeError)
  })

  it('are filed under /ipns/ and the multihash of the key', () => {
    const prefix = fromString('/ipns/')
    expect(routingKey(key).slice(0, prefix.length)).to.deep.equal(prefix)
    // Identity multihash of a 36-byte protobuf: key type Ed25519 (1), 32 bytes of key
    const head = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)
    expect(routingKey(key).slice(prefix.length)).to.deep.equal(Uint8Array.from([...head, ...key]))
  })

  it('have the bytes that were frozen, and those bytes still open', async () => {
    const validUntil = Date.UTC(2100, 0, 1)
    const made = {
      secret,
      key,
      routingKey: routingKey(key),
      payload,
      sequence: '1790000000000',
      validUntil,
      record: await signUntil(validUntil)
    }
    const vector = await frozen('ipns-1', made, 'protocols/kad/vectors')
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = vector.frozen as { record: string; sequence: string; validUntil: number }
    expect(await openIpnsRecord(key, fromString(kept.record, 'hex'))).to.deep.equal({
      key,
      payload,
      sequence: BigInt(kept.sequence),
      validUntil: kept.validUntil
    })
  })
})

/** Records end some time from now, so for a frozen one the clock has to stand still. */
async function signUntil(validUntil: number): Promise<Uint8Array> {
  const { now } = Date
  const lifetimeMs = 60_000
  Date.now = () => validUntil - lifetimeMs
  try {
    return await sign({ sequence: 1_790_000_000_000n, lifetimeMs })
  } finally {
    Date.now = now
  }
}
