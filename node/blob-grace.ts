import { type DeviceList, isNewDevice, takeBackMs } from '../crdt/identity/index.ts'

const hourMs = 3_600_000

/**
 * How long a blob is kept that nothing refers to. A reference that a new device took away comes back when that device is taken back, so
 * meanwhile the bytes stay; also while this is carried out, after the device was revoked.
 */
export function blobGraceMs(list: DeviceList | undefined, now = Date.now()): number {
  const hasNew = list?.devices().some(({ certificate }) => isNewDevice(certificate.scopes, now, takeBackMs))
  return hasNew === true ? takeBackMs : hourMs
}
