import { expect } from 'chai'
import { equals } from 'uint8arrays/equals'
import { nodeCrypto } from '../../node/crypto.ts'
import { frozen } from '../frozen.fixture.ts'
import { DeviceList, type DeviceListResult } from './device-list.ts'
import { sealEnvelope } from './envelope.ts'
import { fixedDeviceKeys, fixedTwin, otherPhrase, rejection, start, threeDevices } from './identity.fixture.ts'

const crypto = nodeCrypto()
const [phone, box, thief] = [fixedDeviceKeys(crypto, 11), fixedDeviceKeys(crypto, 12), fixedDeviceKeys(crypto, 13)]
const cut = { space: new Uint8Array(32).fill(1), seq: 7, hash: new Uint8Array(32).fill(2) }
const read = (twin: Uint8Array, envelopes: Uint8Array[]) => DeviceList.read({ twin, crypto }, envelopes)
const reasonOf = (result: DeviceListResult) => (result.outcome === 'refused' ? result.reason : result.outcome)

describe('revocation on sight', () => {
  it('acts at once, travels with the records and goes when the keeper has recorded it', async () => {
    const { twin, list, first } = await threeDevices(crypto)
    await list.revokeOnSight(2, box.signing, start)
    expect(list.isRevoked(2)).to.equal(true)
    const copy = await read(twin, list.since())
    expect(copy.isRevoked(2)).to.equal(true)
    const count = list.all().length
    await list.revoke(2, [cut], first.signing, start)
    expect(list.all()).to.have.length(count)
    expect(list.isRevoked(2)).to.equal(true)
    for (const envelope of list.all()) await copy.receive(envelope)
    expect(copy.all()).to.have.length(count)
  })

  it('is refused from devices that may not, and for devices that are not listed', async () => {
    const { twin, list } = await threeDevices(crypto)
    const other = await fixedTwin(crypto, otherPhrase)
    for (const signer of [phone.signing, thief.signing, other.owner]) {
      expect(await rejection(list.revokeOnSight(3, signer, start))).to.match(/Only the owner or a listed admin/)
    }
    expect(await rejection(list.revokeOnSight(9, box.signing, start))).to.match(/Only the owner/)
    const foreign = await other.list.revokeOnSight(1, other.owner, start)
    expect(reasonOf(await list.receive(foreign))).to.equal('NotAuthority')
    expect(equals(twin, list.twin) && list.isRevoked(1)).to.equal(false)
  })

  it('has one outcome when two admins revoke each other', async () => {
    const { twin, list, first } = await threeDevices(crypto)
    const [one, other] = [await read(twin, list.all()), await read(twin, list.all())]
    const notices = [await one.revokeOnSight(3, first.signing, start), await other.revokeOnSight(1, box.signing, start)]
    await one.receive(notices[1]!)
    await other.receive(notices[0]!)
    for (const copy of [one, other]) expect([copy.isRevoked(1), copy.isRevoked(3)]).to.deep.equal([true, true])
  })

  it('says that nothing counts, or nothing of that; of two words the one that takes back, in any order', async () => {
    const { twin, list, first } = await threeDevices(crypto)
    const before = list.all()
    const taken = await list.revokeOnSight(2, box.signing, start, true)
    const [one, other] = [await read(twin, before), await read(twin, before)]
    const plain = await other.revokeOnSight(2, first.signing, start)
    expect(reasonOf(await one.receive(taken))).to.equal('revoked')
    expect(reasonOf(await one.receive(plain))).to.equal('known')
    expect(other.isTakenBackByWord(2)).to.equal(false)
    expect(reasonOf(await other.receive(taken))).to.equal('revoked')
    expect([one, other].map(copy => copy.isTakenBackByWord(2))).to.deep.equal([true, true])
    expect((await read(twin, other.all())).isTakenBackByWord(2)).to.equal(true)
    await list.revoke(2, [], first.signing, start)
    expect(list.isTakenBackByWord(2)).to.equal(false)
    const vector = await frozen('device-undo', { twin, plain, taken, records: list.all() })
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('shuts the device out whatever else it says', async () => {
    const { twin, list } = await threeDevices(crypto)
    for (const undo of [false, 1, 'all', null]) {
      const copy = await read(twin, list.all())
      const payload = { v: 1, twin, number: 2, at: start, undo }
      await copy.receive(await sealEnvelope('twinmesh/device-revoke/1', payload, box.signing))
      expect([copy.isRevoked(2), copy.isTakenBackByWord(2)]).to.deep.equal([true, false])
    }
  })
})
