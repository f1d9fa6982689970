import { expect } from 'chai'
import fc from 'fast-check'
import { decode, encode } from '../codec.ts'
import { webCrypto } from '../crypto/index.ts'
import { frozen } from '../frozen.fixture.ts'
import { FormatError, hexToBytes } from '../log/index.ts'
import {
  decodeMilestone,
  encodeMilestone,
  type ListedDocument,
  openList,
  openPart,
  sealParts,
  signMilestone,
  snapshotKey,
  verifyMilestone
} from './index.ts'

const crypto = { ...webCrypto(), randomBytes: (length: number) => new Uint8Array(length).fill(7) }
const bytes = (seed: number) => new Uint8Array(32).fill(seed)
const [space, twin, epochKey] = [bytes(1), bytes(2), bytes(3)]
const signer = crypto.signer(bytes(4))
const by = { twin, device: 1 }
const key = snapshotKey(crypto, epochKey, space, by)
const state = Uint8Array.of(1, 1, 0x81, 0x80, 4, 0, 4, 1, 1, 101, 1, 97, 0)
const place = { space, by, epoch: 1, document: 'text/a' }

async function example() {
  const parts = await sealParts(state, place, key, crypto)
  const listed: ListedDocument = {
    document: 'text/a',
    epoch: 1,
    parts: 1,
    clocks: [[0x10001, 1]],
    beyond: [[twin, 2, 70_000]]
  }
  const logs = [[twin, 1, 9, bytes(5)] as const, [twin, 2, 65_536, bytes(6)] as const]
  const of = parts.map(({ hash, sealed }) => [hash, sealed.length] as const)
  const unsigned = { version: 1 as const, space, by, number: 3, epoch: 1, logs, parts: of }
  return { parts, listed, milestone: await signMilestone(unsigned, [listed], key, signer, crypto) }
}

describe('the format of milestones', () => {
  it('is the frozen one, and the frozen bytes still mean the same', async () => {
    const { parts, listed, milestone } = await example()
    const current = { key, part: parts[0]!.sealed, milestone: encodeMilestone(milestone) }
    const vector = await frozen('milestone', current)
    expect(vector.current).to.deep.equal(vector.frozen)
    const { part, milestone: hex } = vector.frozen as Record<string, string>
    const read = decodeMilestone(hexToBytes(hex!))
    expect(read).to.deep.equal(milestone)
    expect(await verifyMilestone(read, signer.publicKey, crypto)).to.equal(true)
    expect(await openList(read, key, crypto)).to.deep.equal([listed])
    expect(await openPart(hexToBytes(part!), { ...place, index: 0 }, key, crypto)).to.deep.equal(state)
  })

  it('of a writer is the frozen one too, with the entries that its events came with', async () => {
    const { parts, listed } = await example()
    const entries = [[0x10001, [[0, 7, 1, 1] as const]] as const]
    const of = parts.map(({ hash, sealed }) => [hash, sealed.length] as const)
    const logs = [[twin, 1, 9, bytes(5)] as const]
    const unsigned = { version: 2 as const, space, by, number: 3, epoch: 1, logs, parts: of }
    const milestone = await signMilestone(unsigned, [{ ...listed, entries }], key, signer, crypto)
    const vector = await frozen('milestone-2', { key, milestone: encodeMilestone(milestone) })
    expect(vector.current).to.deep.equal(vector.frozen)
    const read = decodeMilestone(hexToBytes((vector.frozen as Record<string, string>).milestone!))
    expect(read).to.deep.equal(milestone)
    expect(await verifyMilestone(read, signer.publicKey, crypto)).to.equal(true)
    expect(await openList(read, key, crypto)).to.deep.equal([{ ...listed, entries }])
    expect(await openList({ ...read, version: 1 }, key, crypto)).to.equal(undefined)
  })

  it('binds a part to its space, device, epoch, document and place', async () => {
    const sealed = (await example()).parts[0]!.sealed
    const others = [
      { ...place, index: 1 },
      { ...place, index: 0, epoch: 2 },
      { ...place, index: 0, document: 'text/b' },
      { ...place, index: 0, space: bytes(9) },
      { ...place, index: 0, by: { twin, device: 2 } }
    ]
    for (const other of others) expect(await openPart(sealed, other, key, crypto)).to.equal(undefined)
  })

  it('is refused in any other form, with nothing but a format error', async () => {
    const whole = encodeMilestone((await example()).milestone)
    const fields = decode(whole) as unknown[]
    const wrong = [
      [3, ...fields.slice(1)],
      fields.slice(0, 9),
      [...fields, 0],
      [...fields.slice(0, 8), new Uint8Array(27), fields[9]],
      [...fields.slice(0, 6), [[twin, 1, 9, new Uint8Array(31)]], ...fields.slice(7)]
    ]
    for (const value of wrong) expect(() => decodeMilestone(encode(value as never))).to.throw(FormatError)
    expect(() => decodeMilestone(new Uint8Array(1024 * 1024 + 1))).to.throw(FormatError, 'too long')
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const changed = Uint8Array.from(whole.subarray(0, length))
        if (at < length) changed[at] = value
        try {
          decodeMilestone(changed)
        } catch (error) {
          expect(error).to.be.instanceOf(FormatError)
        }
      })
    )
  })

  it('holds for every byte that is signed', async () => {
    const { milestone } = await example()
    expect(await verifyMilestone({ ...milestone, number: 4 }, signer.publicKey, crypto)).to.equal(false)
    expect(await verifyMilestone({ ...milestone, logs: [] }, signer.publicKey, crypto)).to.equal(false)
    expect(await verifyMilestone({ ...milestone, parts: [] }, signer.publicKey, crypto)).to.equal(false)
    expect(await verifyMilestone(milestone, crypto.signer(bytes(8)).publicKey, crypto)).to.equal(false)
  })
})
