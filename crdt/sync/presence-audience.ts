import { equals } from 'uint8arrays/equals'
import { isSameLog, type LogId } from '../log/index.ts'
import type { ReplicaEvents } from '../spaces/index.ts'

/** Whether a device is one of those that are to be told of a presence. */
export function isTold(
  device: LogId,
  { from, ownOnly, only, except }: ReplicaEvents['awareness'],
  self: LogId
): boolean {
  if (from !== undefined && isSameLog(from, device)) return false
  if (ownOnly === true && !equals(device.twin, self.twin)) return false
  if (only !== undefined) return only.some(one => isSameLog(one, device))
  return except?.some(one => isSameLog(one, device)) !== true
}
