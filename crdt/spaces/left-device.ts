import { equals } from 'uint8arrays/equals'
import { type DeviceList, isFormer } from '../identity/index.ts'
import type { LogId } from '../log/index.ts'
import type { SpaceContext } from './space-context.ts'

type Facts = Pick<SpaceContext, 'directory' | 'me' | 'former'>

/** Whether a device is revoked and nobody has recorded yet where its logs end. */
export function isOpenEnded(list: DeviceList, number: number): boolean {
  const device = list.device(number)
  return device !== undefined && device.revoked === undefined && list.isRevoked(number)
}

/** Whether this device goes on in the place of a revoked one of its twin, and takes from others what they hold of it until its end is recorded. */
export function isLeft({ directory, me, former }: Facts, { twin, device }: LogId): boolean {
  const list = equals(twin, me.twin) ? directory.get(twin) : undefined
  if (list === undefined) return false
  return isFormer(list, device) || (former.includes(device) && isOpenEnded(list, device))
}

/** Whether devices of a twin may be going on in the place of one: what they take they judge themselves. */
export function hasLeft(facts: Facts, twin: Uint8Array): boolean {
  const { directory, me, former } = facts
  const list = directory.get(twin)
  if (list === undefined) return false
  if (equals(twin, me.twin)) return former.some(number => isOpenEnded(list, number))
  return list.devices().some(({ number }) => isOpenEnded(list, number))
}
