import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { adminScope, renewCertificate, verifyCertificate } from './certificate.ts'
import { isViewOnly, levelAt, pairingToScopes, scopesToPairing } from './device-level.ts'
import { fixedDeviceKeys, fixedTwin, start } from './identity.fixture.ts'

const crypto = nodeCrypto()

const nobody = () => false

describe('level of a device', () => {
  it('is read off the scopes that it was paired with', () => {
    const pairing = { level: 'normal', at: start, by: 3, probationUntil: start + 10 } as const
    const scopes = pairingToScopes(pairing)
    expect(scopes).to.deep.equal(['level.normal', `paired.${start}.3`, `probation.${start + 10}`])
    expect(scopesToPairing(scopes)).to.deep.equal(pairing)
    expect(levelAt(scopes, start + 9, nobody)).to.equal('normal')
    expect(levelAt(scopes, start + 10, nobody)).to.equal('trusted')
    expect(levelAt(pairingToScopes({ level: 'view', at: start, by: 3 }), start, nobody)).to.equal('view')
    expect(levelAt([adminScope], start, nobody)).to.equal('admin')
    expect(scopesToPairing([adminScope])).to.equal(undefined)
  })

  it('is whole before the probation is over when another device says so, as long as that one is not revoked', () => {
    const pairing = { level: 'normal', at: start, by: 3, probationUntil: start + 10, trustedBy: 4 } as const
    const scopes = pairingToScopes(pairing)
    expect(scopes.at(-1)).to.equal('trusted.4')
    expect(scopesToPairing(scopes)).to.deep.equal(pairing)
    expect(levelAt(scopes, start, nobody)).to.equal('trusted')
    expect(levelAt(scopes, start, number => number === 4)).to.equal('normal')
    expect(levelAt(scopes, start + 10, number => number === 4)).to.equal('trusted')
  })

  it('is the least one when this release does not know what it is called', () => {
    expect(levelAt(['level.more'], start, nobody)).to.equal('view')
    expect(levelAt(['level.normal', 'probation.soon'], start, nobody)).to.equal('normal')
    expect(isViewOnly(['level.normal', 'level.view'])).to.equal(true)
  })

  it('looking only is for life: no renewal lets such a device write', async () => {
    const { list, first, certify } = await fixedTwin(crypto)
    const device = fixedDeviceKeys(crypto, 2)
    const scopes = pairingToScopes({ level: 'view', at: start, by: 1 })
    await list.add(await certify(device, { number: 2, role: 'browser', scopes }), first.signing, start)
    const certificate = await verifyCertificate(list.device(2)!.certificate.bytes, crypto)
    const renewed = await renewCertificate(certificate, first.signing, {
      at: start + 1,
      scopes: pairingToScopes({ level: 'normal', at: start, by: 1 })
    })
    const error: Error = await list.renew(renewed, first.signing, start + 1).then(
      () => new Error('It was renewed'),
      thrown => thrown
    )
    expect(`${error.message} ${error.cause}`).to.match(/keeps for life/)
    expect(isViewOnly(list.device(2)!.certificate.scopes)).to.equal(true)
  })
})
