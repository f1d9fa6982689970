import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { restoreDeviceList } from './create-device-list.ts'
import { type Head, sealRecord } from './decided-record.ts'
import { deviceListId } from './device-rules.ts'
import { isFormer, lacksFormer, listFormer } from './former-devices.ts'
import { fixedDeviceKeys, start, threeDevices } from './identity.fixture.ts'

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

  it('end nowhere by a list of which there are two: its keeper may have been stolen', async () => {
    const list = await restored(true)
    expect([1, 2, 3].map(number => list.device(number)!.revoked)).to.deep.equal([undefined, undefined, undefined])
    expect(lacksFormer(list)).to.equal(false)
  })
})
