import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { frozen } from '../frozen.fixture.ts'
import { issueCertificate } from './certificate.ts'
import { createDeviceList, restoreDeviceList } from './create-device-list.ts'
import { type Head, sealRecord } from './decided-record.ts'
import { DeviceList, type DeviceListResult } from './device-list.ts'
import { deviceListId } from './device-rules.ts'
import { isForkProof } from './fork-proof.ts'
import { day, fixedDeviceKeys, fixedTwin, otherPhrase, rejection, start, threeDevices } from './identity.fixture.ts'

const crypto = nodeCrypto()
const [phone, box, thief] = [fixedDeviceKeys(crypto, 11), fixedDeviceKeys(crypto, 12), fixedDeviceKeys(crypto, 13)]
const cut = { space: new Uint8Array(32).fill(1), seq: 7, hash: new Uint8Array(32).fill(2) }

const read = (twin: Uint8Array, envelopes: Uint8Array[]) => DeviceList.read({ twin, crypto }, envelopes)
const numbers = (list: DeviceList) => list.devices().map(({ number }) => number)
const reasonOf = (result: DeviceListResult) => (result.outcome === 'refused' ? result.reason : result.outcome)

/** A record that follows `list`, as somebody would forge it: nothing is checked here. */
async function forge(list: DeviceList, signer: typeof phone.signing, init: Partial<Parameters<typeof sealRecord>[0]>) {
  const [term, seq, hash] = list.head as Head
  return sealRecord(
    {
      log: deviceListId(list.twin, crypto),
      term,
      seq: seq + 1,
      prev: hash,
      keeper: signer.publicKey,
      at: start,
      kind: 'revoke',
      body: { number: 2, cuts: [] },
      ...init
    },
    signer
  )
}

describe('device list', () => {
  it('has the frozen records of a life: made, extended, renewed, revoked, taken over, restored', async () => {
    const { twin, owner, list, first, certify } = await threeDevices(crypto)
    const renewed = { number: 2, role: 'browser', name: 'phone', scopes: [], issued: start + day } as const
    await list.renew(await certify(phone, renewed), first.signing, start + day)
    await list.revoke(2, [cut], first.signing, start + 2 * day)
    await list.takeOver(box.signing.publicKey, owner, start + 3 * day)
    const revocation = await list.revokeOnSight(1, box.signing, start + 4 * day)
    const restored = await restoreDeviceList({
      twin,
      crypto,
      owner,
      certificate: await certify(thief, { number: 300 }),
      keeper: thief.signing.publicKey,
      at: start + 5 * day
    })
    const vector = await frozen('device-list', {
      twin,
      log: deviceListId(twin, crypto),
      records: list.since(),
      head: list.head,
      revocation,
      restored: restored.since()
    })
    expect(vector.current).to.deep.equal(vector.frozen)
    const copy = await read(twin, list.all())
    expect(copy.head).to.deep.equal(list.head)
    expect(copy.devices()).to.deep.equal(list.devices())
    expect(copy.device(2)?.revoked).to.deep.equal({ at: start + 2 * day, cuts: [cut] })
    expect([1, 2, 3, 4].map(number => copy.isRevoked(number))).to.deep.equal([true, true, false, true])
  })

  it('finds devices by number and key', async () => {
    const { list, first } = await threeDevices(crypto)
    expect(numbers(list)).to.deep.equal([1, 2, 3])
    expect(list.byTransport(phone.transport.publicKey)?.number).to.equal(2)
    expect(list.bySigning(first.signing.publicKey)?.number).to.equal(1)
    expect(list.byTransport(phone.signing.publicKey)).to.equal(undefined)
    expect(list.isAdmin(box.signing.publicKey)).to.equal(true)
    expect(list.isAdmin(phone.signing.publicKey)).to.equal(false)
    expect(list.keeper).to.deep.equal(first.signing.publicKey)
  })

  it('does not begin with a genesis that the owner has not signed', async () => {
    const { twin, certify } = await fixedTwin(crypto)
    const certificate = await certify(thief)
    const init = { twin, crypto, owner: thief.signing, certificate, keeper: thief.signing.publicKey, at: start }
    expect(await rejection(createDeviceList(init))).to.match(/not accepted/)
  })

  it('does not begin with another number than 1, or a keeper who is not the first device', async () => {
    const { twin, owner, certify } = await fixedTwin(crypto)
    const init = { twin, crypto, owner, keeper: box.signing.publicKey, at: start }
    expect(await rejection(createDeviceList({ ...init, certificate: await certify(box, { number: 2 }) }))).to.match(
      /not acc/
    )
    expect(await rejection(createDeviceList({ ...init, certificate: await certify(phone) }))).to.match(/not accepted/)
    expect(await rejection(createDeviceList({ ...init, certificate: await certify(box, { scopes: [] }) }))).to.match(
      /not/
    )
  })

  it('never takes a number or a key twice, not even of a revoked device', async () => {
    const { list, first, certify } = await threeDevices(crypto)
    await list.revoke(2, [], first.signing, start)
    const add = async (certificate: Promise<Uint8Array>) => rejection(list.add(await certificate, first.signing, start))
    expect(await add(certify(thief, { number: 2 }))).to.match(/Impossible/)
    expect(await add(certify(phone, { number: 4 }))).to.match(/Impossible/)
    expect(await add(certify({ ...thief, encryption: phone.encryption }, { number: 4 }))).to.match(/Impossible/)
    expect(await add(certify({ ...thief, signing: box.signing }, { number: 4 }))).to.match(/Impossible/)
    expect(await add(certify(thief, { number: 4 }))).to.equal(undefined)
  })

  it('takes certificates issued by a listed admin device, and by no other', async () => {
    const { twin, list, first } = await threeDevices(crypto)
    const issue = (issuer: typeof box.signing) =>
      issueCertificate(
        { twin, number: 4, role: 'cli', name: 'new', scopes: [], issued: start, expires: start + day },
        issuer,
        thief
      )
    for (const issuer of [phone.signing, thief.signing]) {
      expect(await rejection(list.add(await issue(issuer), first.signing, start))).to.match(/Impossible/)
    }
    await list.add(await issue(box.signing), first.signing, start)
    expect(numbers(list)).to.deep.equal([1, 2, 3, 4])
  })

  it('takes no certificate of another twin', async () => {
    const { list, first } = await threeDevices(crypto)
    const other = await fixedTwin(crypto, otherPhrase)
    const foreign = await other.certify(thief, { number: 4 })
    expect(await rejection(list.add(foreign, first.signing, start))).to.match(/another twin/)
  })

  it('a record forged by any key but the keeper changes nothing', async () => {
    const { list, owner } = await threeDevices(crypto)
    const before = list.head
    for (const signer of [phone.signing, box.signing, thief.signing, owner]) {
      expect(reasonOf(await list.receive(await forge(list, signer, {})))).to.equal('NotKeeper')
    }
    const twice = await forge(list, box.signing, { keeper: list.keeper! })
    expect(reasonOf(await list.receive(twice))).to.equal('Malformed')
    expect(list.head).to.deep.equal(before)
  })

  it('only the owner takes over; admins and the keeper do not', async () => {
    const { list, owner, first } = await threeDevices(crypto)
    for (const signer of [box.signing, first.signing, thief.signing]) {
      const init = { kind: 'takeover', term: 1, keeper: box.signing.publicKey, body: { keeper: box.signing.publicKey } }
      expect(reasonOf(await list.receive(await forge(list, signer, init)))).to.equal('NotAuthority')
    }
    await list.takeOver(box.signing.publicKey, owner, start)
    await list.revoke(1, [], box.signing, start)
    expect(list.isRevoked(1)).to.equal(true)
    expect(await rejection(list.revoke(2, [], first.signing, start))).to.match(/Only the keeper/)
  })

  it('a take-over names a keeper who is listed, live and an admin', async () => {
    const { list, owner, first } = await threeDevices(crypto)
    await list.revoke(3, [], first.signing, start)
    for (const keeper of [thief, phone, box]) {
      expect(await rejection(list.takeOver(keeper.signing.publicKey, owner, start))).to.match(/Impossible/)
    }
  })

  it('a take-over may list the new keeper at once', async () => {
    const { list, owner, certify } = await threeDevices(crypto)
    await list.takeOver(thief.signing.publicKey, owner, start, [await certify(thief, { number: 300 })])
    expect(numbers(list)).to.deep.equal([1, 2, 3, 300])
  })

  it('a replayed older list changes nothing, in whatever pieces it comes', async () => {
    const { twin, list, first } = await threeDevices(crypto)
    const older = list.since()
    await list.revoke(2, [], first.signing, start)
    const head = list.head
    for (const record of [...older, ...older.reverse()]) expect((await list.receive(record)).outcome).to.equal('known')
    expect(list.head).to.deep.equal(head)
    expect((await read(twin, [...list.since(), ...older])).isRevoked(2)).to.equal(true)
  })

  it('a renewal keeps number and keys, is newer and cannot bring a revoked device back', async () => {
    const { list, first, certify } = await threeDevices(crypto)
    const renew = async (certificate: Promise<Uint8Array>) =>
      rejection(list.renew(await certificate, first.signing, start))
    const init = { number: 2, role: 'browser', scopes: [], name: 'phone' } as const
    expect(await renew(certify(phone, { ...init, issued: start - 1 }))).to.match(/Impossible/)
    expect(await renew(certify(phone, init))).to.match(/Impossible/)
    expect(await renew(certify(thief, { ...init, issued: start + 1 }))).to.match(/Impossible/)
    expect(await renew(certify(phone, { ...init, issued: start + 1, number: 9 }))).to.match(/Impossible/)
    expect(await renew(certify(phone, { ...init, issued: start + 1 }))).to.equal(undefined)
    await list.revoke(2, [], first.signing, start)
    expect(await renew(certify(phone, { ...init, issued: start + 2 }))).to.match(/Impossible/)
  })

  it('the keeper neither revokes itself nor gives up its own right', async () => {
    const { list, first, certify } = await threeDevices(crypto)
    expect(await rejection(list.revoke(1, [], first.signing, start))).to.match(/Impossible/)
    const less = await certify(first, { issued: start + 1, scopes: [] })
    expect(await rejection(list.renew(less, first.signing, start))).to.match(/Impossible/)
    expect(await rejection(list.revoke(9, [], first.signing, start))).to.match(/Impossible/)
    await list.revoke(2, [], first.signing, start)
    expect(await rejection(list.revoke(2, [cut], first.signing, start))).to.match(/Impossible/)
  })

  it('two records in one term freeze it, with a proof, until the owner takes over', async () => {
    const { twin, list, first, owner, certify } = await threeDevices(crypto)
    const other = await read(twin, list.all())
    await list.revoke(2, [], first.signing, start)
    await other.add(await certify(thief, { number: 4 }), first.signing, start)
    expect((await list.receive(other.since().at(-1)!)).outcome).to.equal('frozen')
    expect(numbers(list)).to.deep.equal([1, 2, 3])
    expect(list.isRevoked(2)).to.equal(false)
    expect(await isForkProof(list.proof!, deviceListId(twin, crypto), crypto)).to.equal(true)
    const third = await read(twin, list.since())
    expect(third.proof).to.not.equal(undefined)
    await third.takeOver(box.signing.publicKey, owner, start)
    for (const record of third.since(list.head)) await list.receive(record)
    expect(list.proof).to.equal(undefined)
    expect(list.keeper).to.deep.equal(box.signing.publicKey)
  })

  it('read() refuses records that lead to no list', async () => {
    const { twin, list } = await threeDevices(crypto)
    expect(await rejection(read(twin, list.since().slice(1)))).to.match(/incomplete/)
    expect(await rejection(read(new Uint8Array(32), list.since()))).to.match(/incomplete/)
    expect(await rejection(read(twin, []))).to.match(/incomplete/)
  })
})
