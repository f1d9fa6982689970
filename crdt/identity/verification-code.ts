import { sha256 } from '@noble/hashes/sha2.js'
import { compare } from 'uint8arrays/compare'
import { preimage } from '../bytes.ts'

const rounds = 5200
const groups = 6

/**
 * What two people read aloud to each other to be sure that they see each other's twin: 12 groups of 5 digits, six from either twin, the
 * lower first. Iterated hashing slows down a search for a twin whose digits collide, as in Signal's fingerprints.
 */
export function verificationCode(one: Uint8Array, other: Uint8Array): string {
  const sorted = [one, other].sort(compare)
  return sorted.map(digits).join(' ')
}

function digits(twin: Uint8Array): string {
  let hash: Uint8Array = sha256(preimage('twinmesh/verification/1', twin))
  for (let round = 1; round < rounds; round++) hash = sha256(preimage('twinmesh/verification/1', hash, twin))
  const view = new DataView(hash.buffer, hash.byteOffset)
  return Array.from({ length: groups }, (_, group) => {
    const five = view.getUint8(group * 5) * 2 ** 32 + view.getUint32(group * 5 + 1)
    return String(five % 100_000).padStart(5, '0')
  }).join(' ')
}
