import { encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'
import type { DeviceList } from './device-list.ts'

/**
 * Names who is shut out of a twin: another one after each revocation, by word and by record, after a take-over and when the list is
 * frozen. Absent while every device that was ever listed counts.
 */
export function shutOutMark(list: DeviceList, crypto: Crypto): Uint8Array | undefined {
  const devices = list.devices()
  const recorded = devices.filter(({ revoked, isFormer }) => revoked !== undefined || isFormer === true)
  const byWord = devices.filter(device => !recorded.includes(device) && list.isRevoked(device.number))
  const term = list.head?.[0] ?? 0
  const isFrozen = list.proof !== undefined
  if (recorded.length === 0 && byWord.length === 0 && term === 0 && !isFrozen) return undefined
  const [first, second] = [recorded, byWord].map(some => some.map(({ number }) => number))
  return crypto.sha256(encode([term, first!, second!, isFrozen]))
}
