import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { decode, encode } from '../codec.ts'
import { frozen } from '../frozen.fixture.ts'
import {
  type CertificateInit,
  claimTwin,
  grantCertificate,
  isCurrent,
  issueCertificate,
  verifyCertificate
} from './certificate.ts'
import { sealEnvelope } from './envelope.ts'
import { day, fixedDeviceKeys, fixedTwin, otherPhrase, rejection, start } from './identity.fixture.ts'

const crypto = nodeCrypto()
const device = fixedDeviceKeys(crypto, 1)

/** The three envelopes of a certificate, for taking apart. */
const partsOf = (bytes: Uint8Array) => decode(bytes) as [number, Uint8Array, Uint8Array, Uint8Array]

describe('device certificate', () => {
  it('verifies to what was issued, and has the frozen bytes', async () => {
    const { certify, twin, owner } = await fixedTwin(crypto)
    const bytes = await certify(device)
    const certificate = await verifyCertificate(bytes, crypto)
    expect(certificate).to.include({ number: 1, role: 'node', name: 'home', issued: start })
    expect(certificate.issuer).to.deep.equal(owner.publicKey)
    expect(certificate.twin).to.deep.equal(twin)
    expect(certificate.signing).to.deep.equal(device.signing.publicKey)
    const vector = await frozen('certificate', { secrets: device.secrets, certificate: bytes })
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('does not verify when a twin lists the device of another', async () => {
    const [john, mallory] = [await fixedTwin(crypto), await fixedTwin(crypto, otherPhrase)]
    const honest = partsOf(await john.certify(device))
    const init: CertificateInit = {
      twin: mallory.twin,
      number: 2,
      role: 'node',
      name: '',
      scopes: [],
      issued: 1,
      expires: 2
    }
    const keys = (await claimTwin(john.twin, device)).keys
    const stolen = await grantCertificate(init, mallory.owner, { keys, bySigning: honest[2], byTransport: honest[3] })
    expect(await rejection(verifyCertificate(stolen, crypto))).to.match(/claims another twin/)
  })

  it('does not verify when one of the keys did not agree', async () => {
    const { certify, twin } = await fixedTwin(crypto)
    const victim = fixedDeviceKeys(crypto, 2)
    const [version, grant, bySigning, byTransport] = partsOf(await certify(device))
    // The grant names the victim's transport key; the claim for it is signed by another key
    const mixed = { ...device, transport: victim.transport }
    const [, mixedGrant, mixedBySigning] = partsOf(await certify(mixed))
    const claim = {
      v: 1,
      twin,
      transport: victim.transport.publicKey,
      signing: device.signing.publicKey,
      encryption: device.encryption.publicKey
    }
    const forged = await sealEnvelope('twinmesh/device-claim/1', claim, device.signing)
    for (const parts of [
      [version, grant, bySigning, bySigning],
      [version, grant, byTransport, byTransport],
      [version, mixedGrant, mixedBySigning, forged],
      [version, mixedGrant, mixedBySigning, byTransport],
      [version, mixedGrant, mixedBySigning],
      [version, grant, grant, byTransport],
      [2, grant, bySigning, byTransport]
    ]) {
      expect(await rejection(verifyCertificate(encode(parts), crypto))).to.not.equal(undefined)
    }
  })

  it('takes a device whose transport and signing key are one', async () => {
    const { certify } = await fixedTwin(crypto)
    const one = { ...device, transport: device.signing }
    expect((await verifyCertificate(await certify(one), crypto)).number).to.equal(1)
  })

  it('is refused for fields out of their limits', async () => {
    const { certify, owner, twin } = await fixedTwin(crypto)
    const wrong: Partial<CertificateInit>[] = [
      { number: 0 },
      { number: 65_536 },
      { name: 'ä'.repeat(33) },
      { scopes: Array.from({ length: 65 }, () => 'x') },
      { expires: start },
      { issued: -1 },
      { role: 'fridge' as 'node' },
      { role: 'browser', scopes: ['device.admin'] },
      { twin: new Uint8Array(31) }
    ]
    for (const init of wrong)
      expect(await rejection(certify(device, init)), JSON.stringify(init)).to.match(/ShapeError/)
    for (const part of ['signing', 'transport']) {
      const init: CertificateInit = { twin, number: 1, role: 'node', name: '', scopes: [], issued: 1, expires: 2 }
      const mixed = { ...device, [part]: owner }
      expect(await rejection(issueCertificate(init, owner, mixed))).to.match(/owner key/)
    }
  })

  it('is current between its dates, with ten minutes for clocks that differ', async () => {
    const { certify } = await fixedTwin(crypto)
    const certificate = await verifyCertificate(await certify(device), crypto)
    const minute = 60_000
    const { issued, expires } = certificate
    expect(
      [issued - 11 * minute, issued - 9 * minute, issued + day].map(now => isCurrent(certificate, now))
    ).to.deep.equal([false, true, true])
    expect([expires + 9 * minute, expires + 11 * minute].map(now => isCurrent(certificate, now))).to.deep.equal([
      true,
      false
    ])
  })

  it('verifies long after it has expired: history is not judged by the clock', async () => {
    const { certify } = await fixedTwin(crypto)
    expect((await verifyCertificate(await certify(device, { issued: 1, expires: 2 }), crypto)).expires).to.equal(2)
  })
})
