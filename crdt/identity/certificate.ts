import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../codec.ts'
import type { Crypto, Signer } from '../crypto/index.ts'
import { asArray, asBytes, asText, asTuple, asUint, asVersion, ShapeError } from '../shape.ts'
import type { DeviceKeys } from './device-keys.ts'
import { isViewOnly } from './device-level.ts'
import { type OpenedEnvelope, openEnvelope, sealEnvelope } from './envelope.ts'
import { visitLifetimeMs } from './visit-lifetime.ts'

const grantDomain = 'twinmesh/device/1'
const claimDomain = 'twinmesh/device-claim/1'
const claimFields = ['v', 'twin', 'transport', 'signing', 'encryption']
const grantFields = [...claimFields, 'number', 'role', 'name', 'scopes', 'issued', 'expires']
const maxNumber = 65_535
const maxNameSize = 64
const maxScopes = 64
const maxScopeSize = 64
const roles: readonly DeviceRole[] = ['node', 'browser', 'cli']

/** May list, renew and revoke devices and decide for the twin in spaces. Browsers never hold it. */
export const adminScope = 'device.admin'
/** Clocks may differ this much before `issued` and `expires` bite. */
export const clockSkewMs = 10 * 60 * 1000

export type DeviceRole = 'node' | 'browser' | 'cli'

/** What the issuer decides about a device. */
export interface CertificateInit {
  /** Owner key of the twin */
  readonly twin: Uint8Array
  /** Number in the device list, 1 to 65,535, never re-used */
  readonly number: number
  readonly role: DeviceRole
  /** At most 64 bytes */
  readonly name: string
  /** At most 64 of at most 64 bytes */
  readonly scopes: readonly string[]
  /** ms since 1970 */
  readonly issued: number
  /** ms since 1970. Gates hello, grants and new live heads, never history. */
  readonly expires: number
}

/** The public halves of a device's keys. */
export interface DevicePublicKeys {
  readonly transport: Uint8Array
  readonly signing: Uint8Array
  readonly encryption: Uint8Array
}

/** A certificate whose three signatures were verified. Whether `issuer` may issue is the device list's question. */
export interface Certificate extends CertificateInit, DevicePublicKeys {
  /** Who signed the grant: the owner key, or the signing key of a device */
  readonly issuer: Uint8Array
  readonly bytes: Uint8Array
}

/** What a device signs with both of its keys to say that it belongs to `twin`. */
export interface DeviceClaims {
  readonly keys: DevicePublicKeys
  readonly bySigning: Uint8Array
  readonly byTransport: Uint8Array
}

/** The device's half: made on the device, sent to the issuer. */
export async function claimTwin(twin: Uint8Array, device: DeviceKeys): Promise<DeviceClaims> {
  const keys = publicKeys(device)
  const claim = { v: 1, twin, ...keys }
  return {
    keys,
    bySigning: await sealEnvelope(claimDomain, claim, device.signing),
    byTransport: await sealEnvelope(claimDomain, claim, device.transport)
  }
}

/**
 * The issuer's half, over what the device claimed. The result is not checked: `verifyCertificate` is what makes it count.
 *
 * @throws {ShapeError} when a field is out of its limits
 */
export async function grantCertificate(
  init: CertificateInit,
  issuer: Signer,
  { keys, bySigning, byTransport }: DeviceClaims
): Promise<Uint8Array> {
  const { twin, number, role, name, issued, expires } = init
  const { transport, signing, encryption } = keys
  const grant = {
    v: 1,
    twin,
    number,
    transport,
    signing,
    encryption,
    role,
    name,
    scopes: [...init.scopes],
    issued,
    expires
  }
  readGrant({ payload: grant, signer: issuer.publicKey }, new Uint8Array())
  return encode([1, await sealEnvelope(grantDomain, grant, issuer), bySigning, byTransport])
}

/** Both halves at once, for a device that issues itself. */
export async function issueCertificate(init: CertificateInit, issuer: Signer, device: DeviceKeys): Promise<Uint8Array> {
  return grantCertificate(init, issuer, await claimTwin(init.twin, device))
}

export interface CertificateRenewal {
  /** ms since 1970; the new certificate is good for as long as the one before was, but of a visit until the same moment */
  readonly at: number
  /** Another name for the device */
  readonly name?: string
  /** Other scopes */
  readonly scopes?: readonly string[]
}

/**
 * A newer certificate of the same device. The device need not be there: what it claimed once does not expire.
 *
 * @throws {ShapeError} when the name is too long
 */
export async function renewCertificate(
  certificate: Certificate,
  issuer: Signer,
  { at, name = certificate.name, scopes = certificate.scopes }: CertificateRenewal
): Promise<Uint8Array> {
  const [, , bySigning, byTransport] = asTuple(decode(certificate.bytes), 'A certificate', 4)
  // A clock that went back must not make it an older one
  const issued = Math.max(at, certificate.issued + 1)
  const expires = isVisit(certificate) ? certificate.expires : issued + certificate.expires - certificate.issued
  return grantCertificate({ ...certificate, name, scopes, issued, expires }, issuer, {
    keys: certificate,
    bySigning: asBytes(bySigning, 'The claim'),
    byTransport: asBytes(byTransport, 'The claim')
  })
}

/** Whether the last third of the certificate's life has begun, or all of it is over. A visit never is: it ends. */
export function isDueForRenewal(certificate: CertificateInit, now: number): boolean {
  const { issued, expires } = certificate
  if (isVisit(certificate)) return false
  return now >= expires - (expires - issued) / 3
}

/** @throws {EnvelopeError | ShapeError | CodecError} */
export async function verifyCertificate(bytes: Uint8Array, crypto: Crypto): Promise<Certificate> {
  const [version, grant, bySigning, byTransport] = asTuple(decode(bytes), 'A certificate', 4)
  asVersion(version, 'The certificate')
  const certificate = readGrant(
    await openEnvelope(asBytes(grant, 'The grant'), { domain: grantDomain, crypto, fields: grantFields }),
    bytes
  )
  const claim = { domain: claimDomain, crypto, fields: claimFields }
  checkClaim(await openEnvelope(asBytes(bySigning, 'The claim'), claim), certificate, certificate.signing)
  checkClaim(await openEnvelope(asBytes(byTransport, 'The claim'), claim), certificate, certificate.transport)
  return certificate
}

/** Whether `now` lies within the certificate's time, give or take `clockSkewMs`. A visit is over on time. */
export function isCurrent(certificate: CertificateInit, now: number): boolean {
  const { issued, expires } = certificate
  return now >= issued - clockSkewMs && now < expires + (isVisit(certificate) ? 0 : clockSkewMs)
}

/** Whether it is of a device that came over plain http, to look for a while. */
export function isVisit({ scopes, issued, expires }: Pick<CertificateInit, 'scopes' | 'issued' | 'expires'>): boolean {
  return isViewOnly(scopes) && expires - issued <= visitLifetimeMs
}

function readGrant({ payload, signer }: OpenedEnvelope, bytes: Uint8Array): Certificate {
  asVersion(payload.v, 'The grant')
  const role = roles.find(known => known === payload.role)
  if (role === undefined) throw new ShapeError('The role is unknown')
  const issued = asUint(payload.issued, 'The time of issue')
  const certificate: Certificate = {
    twin: asBytes(payload.twin, 'The twin', 32),
    number: asUint(payload.number, 'The number', maxNumber, 1),
    transport: asBytes(payload.transport, 'The transport key', 32),
    signing: asBytes(payload.signing, 'The signing key', 32),
    encryption: asBytes(payload.encryption, 'The encryption key', 32),
    role,
    name: asText(payload.name, 'The name', maxNameSize),
    scopes: asArray(payload.scopes, 'The scopes', maxScopes).map(scope => asText(scope, 'A scope', maxScopeSize)),
    issued,
    expires: asUint(payload.expires, 'The time of expiry', Number.MAX_SAFE_INTEGER, issued + 1),
    issuer: signer,
    bytes
  }
  if (role === 'browser' && certificate.scopes.includes(adminScope)) {
    throw new ShapeError('A browser may not administer devices')
  }
  // The owner key is never on a device: one that claims it was made wrongly, or to confuse the two
  if (equals(certificate.twin, certificate.transport) || equals(certificate.twin, certificate.signing)) {
    throw new ShapeError('A device key is the owner key')
  }
  return certificate
}

function checkClaim({ payload, signer }: OpenedEnvelope, certificate: Certificate, claimant: Uint8Array): void {
  asVersion(payload.v, 'The claim')
  for (const field of ['twin', 'transport', 'signing', 'encryption'] as const) {
    if (!equals(asBytes(payload[field], `The claim's ${field}`, 32), certificate[field])) {
      throw new ShapeError(`The device claims another ${field} than the grant names`)
    }
  }
  if (!equals(signer, claimant)) throw new ShapeError('The claim is signed by another key than the device has')
}

function publicKeys({ transport, signing, encryption }: DeviceKeys): DevicePublicKeys {
  return { transport: transport.publicKey, signing: signing.publicKey, encryption: encryption.publicKey }
}
