import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { frozen } from '../frozen.fixture.ts'
import { restoreDeviceList } from './create-device-list.ts'
import { type Head, sealRecord } from './decided-record.ts'
import { DeviceList } from './device-list.ts'
import { deviceListId } from './device-rules.ts'
import { isFormer, lacksFormer, listFormer } from './former-devices.ts'
import { fixedDeviceKeys, rejection, start, threeDevices } from './identity.fixture.ts'

const crypto = nodeCrypto()
const fresh = fixedDeviceKeys(crypto, 77)
const cut = { space: new Uint8Array(32).fill(1), seq: 7, hash: new Uint8Array(32).fill(2) }

/** A twin that had ended device 2, restored from its words; `contradict` puts a second record beside the revocation. */
async function restored(contradict: boolean) {
  const { list: former, first, owner, twin, certify } = await threeDevices(crypto)
  const [term, seq, prev] = former.head as Head
  await former.revoke(2, [cut], first.signing, start)
  const init = { log: deviceListId(twin, crypto), term, seq: seq + 1, prev, keeper: first.signing.publicKey, at: start }
  const body = { number: 3, cuts: [] }
  const records = former.since()
  if (contradict) records.push(await sealRecord({ ...init, kind: 'revoke', body }, first.signing))
  const certificate = await certify(fresh, { number: 300 })
  const keeper = fresh.signing.publicKey
  const list = await restoreDeviceList({ twin, crypto, owner, certificate, keeper, at: start + 1 })
  for (const record of records) await list.receive(record)
  await listFormer(list, fresh.signing, start + 2)
  return list
}

describe('devices from before a restore', () => {
  it('are listed again, and end where they had ended', async () => {
    const list = await restored(false)
    expect([1, 2, 3].map(number => isFormer(list, number) && list.isRevoked(number))).to.deep.equal([true, true, true])
    expect([1, 2, 3].map(number => list.device(number)!.revoked?.cuts)).to.deep.equal([undefined, [cut], undefined])
    expect(lacksFormer(list)).to.equal(false)
  })

  it('are revoked by the very record that lists them: whoever got that and no more lets none of them in', async () => {
    const list = await restored(false)
    const { twin } = list
    const read = new DeviceList({ twin, crypto })
    const listed = new Set<number>()
    for (const envelope of list.since()) {
      await read.receive(envelope)
      for (const { number, certificate } of read.devices()) {
        if (number === 300) continue
        listed.add(number)
        expect(read.isRevoked(number), `${number}`).to.equal(true)
        expect(read.isAdmin(certificate.signing)).to.equal(false)
      }
    }
    expect([...listed]).to.deep.equal([1, 2, 3])
  })

  it('revoke nobody: they may be in the hands of who took them', async () => {
    const list = await restored(false)
    const { first } = await threeDevices(crypto)
    expect(await rejection(list.revokeOnSight(300, first.signing, start + 3))).to.match(/Only the owner/)
    expect(list.isRevoked(300)).to.equal(false)
  })

  it('have frozen records', async () => {
    const list = await restored(false)
    const vector = await frozen('device-former', { twin: list.twin, records: list.since(), head: list.head })
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('end nowhere by a list of which there are two: its keeper may have been stolen', async () => {
    const list = await restored(true)
    expect([1, 2, 3].map(number => list.device(number)!.revoked)).to.deep.equal([undefined, undefined, undefined])
    expect(lacksFormer(list)).to.equal(false)
  })
})
