import type { Signer } from '../crypto/index.ts'
import { sealRecord } from './decided-record.ts'
import { DeviceList, type DeviceListInit } from './device-list.ts'
import { deviceListId } from './device-rules.ts'

export interface NewDeviceListInit extends DeviceListInit {
  readonly owner: Signer
  /** Certificate of the first device, issued by the owner */
  readonly certificate: Uint8Array
  /** Signing key of that device */
  readonly keeper: Uint8Array
  /** ms since 1970 */
  readonly at: number
}

/**
 * The list of a twin that is new: a genesis with device 1.
 *
 * @throws {Error} when the certificate is not one for that
 */
export async function createDeviceList(init: NewDeviceListInit): Promise<DeviceList> {
  const { owner, certificate, keeper, at, twin, crypto } = init
  const genesis = await sealRecord(
    {
      log: deviceListId(twin, crypto),
      term: 0,
      seq: 0,
      prev: undefined,
      keeper,
      at,
      kind: 'genesis',
      body: { certificate }
    },
    owner
  )
  return startList(init, genesis)
}

/**
 * The list of a twin that is restored on a bare machine: it names its one device, and its term, the clock in seconds, outranks what
 * was before. Where the former list is known, use its `takeOver` instead.
 *
 * @throws {Error} when the certificate is not one for that
 */
export async function restoreDeviceList(init: NewDeviceListInit): Promise<DeviceList> {
  const { owner, certificate, keeper, at, twin, crypto } = init
  const takeover = await sealRecord(
    {
      log: deviceListId(twin, crypto),
      term: Math.floor(at / 1000),
      seq: 0,
      prev: undefined,
      keeper,
      at,
      kind: 'takeover',
      body: { keeper, devices: [{ certificate }] }
    },
    owner
  )
  return startList(init, takeover)
}

async function startList(init: NewDeviceListInit, first: Uint8Array): Promise<DeviceList> {
  const list = new DeviceList(init)
  const result = await list.receive(first)
  if (result.outcome !== 'added') {
    throw new Error('The first record of the device list is not accepted', {
      cause: 'cause' in result ? result.cause : undefined
    })
  }
  await init.beforeDecide?.(first)
  return list
}
