import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { frozen } from '../frozen.fixture.ts'
import type { Cut } from './cut-list.ts'
import { type Head, sealRecord } from './decided-record.ts'
import { DeviceList } from './device-list.ts'
import { deviceListId } from './device-rules.ts'
import { rejection, start, type ThreeDevices, threeDevices } from './identity.fixture.ts'

const crypto = nodeCrypto()

const cutsOf = (count: number, seq = 7): Cut[] =>
  Array.from({ length: count }, (_, index) => ({
    space: crypto.sha256(Uint8Array.of(index >> 8, index & 255)),
    seq,
    hash: crypto.sha256(Uint8Array.of(seq))
  }))

/** The next record of the list, as its keeper signs it. */
async function next({ list, first, twin }: ThreeDevices, kind: string, body: { number: number; cuts: Cut[] }) {
  const [term, seq, hash] = list.head as Head
  const cuts = body.cuts.map(({ space, seq, hash }) => [space, seq, hash])
  const keeper = first.signing.publicKey
  return sealRecord(
    {
      log: deviceListId(twin, crypto),
      term,
      seq: seq + 1,
      prev: hash,
      keeper,
      at: start,
      kind,
      body: { ...body, cuts }
    },
    first.signing
  )
}

describe('a revocation that names many spaces', () => {
  it('is recorded in several records, and reads the same elsewhere', async () => {
    const { list, first, twin } = await threeDevices(crypto)
    const before = list.since().length
    await list.revoke(2, cutsOf(1500), first.signing, start)
    expect(list.since().length - before).to.equal(3)
    const read = await DeviceList.read({ twin, crypto }, list.since())
    expect(read.device(2)!.revoked!.cuts).to.deep.equal(cutsOf(1500))
    expect(read.device(2)!.ahead).to.equal(undefined)
  })

  it('has frozen records', async () => {
    const { list, first, twin } = await threeDevices(crypto)
    const before = list.head
    await list.revoke(2, cutsOf(513), first.signing, start)
    const vector = await frozen('device-cuts', { twin, records: list.since(before), head: list.head })
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('does not count before its last record, and is begun again when it was broken off', async () => {
    const three = await threeDevices(crypto)
    const { list, first } = three
    const [broken] = [await next(three, 'cuts', { number: 2, cuts: cutsOf(512) })]
    expect((await list.receive(broken)).outcome).to.equal('added')
    expect(list.isRevoked(2)).to.equal(false)
    await list.revoke(2, cutsOf(600, 9), first.signing, start)
    const { cuts } = list.device(2)!.revoked!
    expect(cuts).to.have.length(600)
    expect(new Set(cuts.map(({ seq }) => seq))).to.deep.equal(new Set([9]))
  })

  it('is refused beyond what a twin can have, of a device that is revoked, and of the keeper itself', async () => {
    const three = await threeDevices(crypto)
    const { list, first } = three
    expect(await rejection(list.revoke(2, cutsOf(16_385), first.signing, start))).to.match(/at most 16384 spaces/)
    const outcome = async (number: number) =>
      (await list.receive(await next(three, 'cuts', { number, cuts: cutsOf(1) }))).outcome
    expect([await outcome(1), await outcome(9)]).to.deep.equal(['refused', 'refused'])
    await list.revoke(2, [], first.signing, start)
    expect(await outcome(2)).to.equal('refused')
  })
})
