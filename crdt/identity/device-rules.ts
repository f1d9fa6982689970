import { equals } from 'uint8arrays/equals'
import { domainPrefix } from '../bytes.ts'
import type { Crypto } from '../crypto/index.ts'
import { asArray, asBytes, asMap, asUint, type Fields, ShapeError } from '../shape.ts'
import { adminScope, type Certificate, verifyCertificate } from './certificate.ts'
import { type Cut, joinCuts, readCuts } from './cut-list.ts'
import type { DecidedRecord } from './decided-record.ts'
import type { DecidedRules } from './decided-rules.ts'
import { isViewOnly } from './device-level.ts'

const maxDevices = 1024

export interface Device {
  /** 1 to 65,535, never re-used within the twin */
  readonly number: number
  /** The newest one */
  readonly certificate: Certificate
  /** Listed again after a restore, for what it wrote before: revoked from the record on, its cuts are still to come */
  readonly isFormer?: true
  /** Set once the device was revoked */
  readonly revoked?: { readonly at: number; readonly cuts: readonly Cut[] }
  /** Cuts of a revocation that is still being recorded: they count from its last record on */
  readonly ahead?: readonly Cut[]
}

export interface DeviceListState {
  readonly devices: ReadonlyMap<number, Device>
}

export interface ListedDevice {
  readonly certificate: Certificate
  /** Present = listed as revoked */
  readonly cuts?: readonly Cut[]
}

/** The body of a device-list record as read, by what it does. */
export type DeviceDecision =
  | { readonly type: 'genesis' | 'renew'; readonly certificate: Certificate }
  | { readonly type: 'add'; readonly certificate: Certificate; readonly isFormer: boolean }
  | { readonly type: 'cuts' | 'revoke'; readonly number: number; readonly cuts: readonly Cut[] }
  | { readonly type: 'takeover'; readonly devices: readonly ListedDevice[] }

/** Id of a twin's device list. */
export function deviceListId(twin: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(domainPrefix('twinmesh/device-list/1'), twin)
}

/** The owner key opens every term; an admin device keeps the list; keys and numbers are used once. */
export function deviceRules(twin: Uint8Array, crypto: Crypto): DecidedRules<DeviceListState, DeviceDecision> {
  return {
    log: deviceListId(twin, crypto),
    read: record => readDecision(record, twin, crypto),
    mayOpen: ({ signer }) => equals(signer, twin),
    // apply() leaves no state whose keeper is not a live admin
    mayKeep: () => true,
    apply: (record, before) => {
      const devices = applyDecision(record, before?.devices, twin)
      if (!isAdmin(devices, record.keeper)) throw new ShapeError('The keeper is not a listed admin device')
      return { devices }
    }
  }
}

export function isAdmin(devices: ReadonlyMap<number, Device>, signing: Uint8Array): boolean {
  for (const { certificate, revoked } of devices.values()) {
    if (revoked === undefined && certificate.scopes.includes(adminScope) && equals(certificate.signing, signing)) {
      return true
    }
  }
  return false
}

/** Whether a certificate could be listed now. */
export function mayAdd(devices: ReadonlyMap<number, Device>, certificate: Certificate, twin: Uint8Array): boolean {
  try {
    add(new Map(devices), certificate, twin)
    return true
  } catch {
    return false
  }
}

async function readDecision({ kind, body }: DecidedRecord, twin: Uint8Array, crypto: Crypto): Promise<DeviceDecision> {
  switch (kind) {
    case 'genesis':
    case 'renew':
      return { type: kind, certificate: await readCertificate(body.certificate, twin, crypto) }
    case 'add': {
      const { certificate, former } = body
      if (former !== undefined && former !== true) throw new ShapeError('A former device is marked by true')
      return { type: kind, certificate: await readCertificate(certificate, twin, crypto), isFormer: former === true }
    }
    case 'cuts':
    case 'revoke':
      return { type: kind, number: asUint(body.number, 'The number', 65_535, 1), cuts: readCuts(body.cuts) }
    case 'takeover':
      return { type: 'takeover', devices: await readDevices(body, twin, crypto) }
    default:
      throw new ShapeError('The kind of the record is unknown')
  }
}

async function readDevices({ devices = [] }: Fields, twin: Uint8Array, crypto: Crypto): Promise<ListedDevice[]> {
  const listed: ListedDevice[] = []
  for (const item of asArray(devices, 'The devices', maxDevices)) {
    const { certificate, cuts } = asMap(item, 'A device')
    listed.push({
      certificate: await readCertificate(certificate, twin, crypto),
      ...(cuts !== undefined && { cuts: readCuts(cuts) })
    })
  }
  return listed
}

async function readCertificate(bytes: unknown, twin: Uint8Array, crypto: Crypto): Promise<Certificate> {
  const certificate = await verifyCertificate(asBytes(bytes, 'The certificate'), crypto)
  if (!equals(certificate.twin, twin)) throw new ShapeError('The certificate is of another twin')
  return certificate
}

function applyDecision(
  { body, at, keeper }: DecidedRecord<DeviceDecision>,
  before: ReadonlyMap<number, Device> | undefined,
  twin: Uint8Array
): Map<number, Device> {
  const devices = new Map(before)
  switch (body.type) {
    case 'genesis':
      if (body.certificate.number !== 1) throw new ShapeError('The first device has number 1')
      add(devices, body.certificate, twin)
      break
    case 'add':
      add(devices, body.certificate, twin)
      if (body.isFormer)
        devices.set(body.certificate.number, { ...devices.get(body.certificate.number)!, isFormer: true })
      break
    case 'renew':
      renew(devices, body.certificate, twin)
      break
    case 'cuts': {
      const device = needRevocable(devices, body.number, keeper)
      devices.set(body.number, { ...device, ahead: joinCuts(device.ahead, body.cuts) })
      break
    }
    case 'revoke':
      revoke(devices, body.number, { at, cuts: body.cuts }, keeper)
      break
    case 'takeover':
      for (const { certificate, cuts } of body.devices) {
        add(devices, certificate, twin)
        if (cuts !== undefined) revoke(devices, certificate.number, { at, cuts }, keeper)
      }
  }
  return devices
}

function add(devices: Map<number, Device>, certificate: Certificate, twin: Uint8Array): void {
  const { number } = certificate
  if (devices.size >= maxDevices) throw new ShapeError('The list is full')
  if (devices.has(number)) throw new ShapeError('The number is taken, and numbers are never re-used')
  for (const { certificate: other } of devices.values()) {
    if (sharesKey(certificate, other)) throw new ShapeError('A key is in use by another device')
  }
  checkIssuer(devices, certificate, twin)
  devices.set(number, { number, certificate })
}

function renew(devices: Map<number, Device>, certificate: Certificate, twin: Uint8Array): void {
  const device = devices.get(certificate.number)
  if (device === undefined || device.revoked !== undefined) throw new ShapeError('There is no such device to renew')
  const { transport, signing, encryption, issued } = device.certificate
  if (
    !equals(certificate.transport, transport) ||
    !equals(certificate.signing, signing) ||
    !equals(certificate.encryption, encryption)
  ) {
    throw new ShapeError('A device keeps its keys for life')
  }
  // Whether what a device wrote counts must not depend on when it is looked at
  if (isViewOnly(certificate.scopes) !== isViewOnly(device.certificate.scopes)) {
    throw new ShapeError('A device keeps for life whether it may write')
  }
  // Else an old certificate, with scopes that were since taken away, could be listed again
  if (certificate.issued <= issued) throw new ShapeError('The certificate is not newer')
  checkIssuer(devices, certificate, twin)
  devices.set(device.number, { ...device, certificate })
}

function revoke(
  devices: Map<number, Device>,
  number: number,
  { at, cuts }: NonNullable<Device['revoked']>,
  keeper: Uint8Array
): void {
  const { ahead, ...device } = needRevocable(devices, number, keeper)
  devices.set(number, { ...device, revoked: { at, cuts: joinCuts(ahead, cuts) } })
}

function needRevocable(devices: ReadonlyMap<number, Device>, number: number, keeper: Uint8Array): Device {
  const device = devices.get(number)
  if (device === undefined || device.revoked !== undefined) throw new ShapeError('There is no such device to revoke')
  if (equals(device.certificate.signing, keeper)) throw new ShapeError('The keeper is replaced before it is revoked')
  return device
}

function checkIssuer(devices: ReadonlyMap<number, Device>, { issuer }: Certificate, twin: Uint8Array): void {
  if (!equals(issuer, twin) && !isAdmin(devices, issuer))
    throw new ShapeError('The issuer is not a listed admin device')
}

function sharesKey(a: Certificate, b: Certificate): boolean {
  const taken = [b.transport, b.signing, b.encryption]
  return [a.transport, a.signing, a.encryption].some(key => taken.some(other => equals(key, other)))
}
