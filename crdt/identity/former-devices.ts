import { equals } from 'uint8arrays/equals'
import type { Signer } from '../crypto/index.ts'
import type { Certificate } from './certificate.ts'
import { certificatesOf, type DeviceList } from './device-list.ts'

/** Whoever has a key from before can list devices without end there, where nothing counts any more. */
const maxFormer = 64

/** Whether a listed device is from before a restore on a bare machine, and was listed again for what it wrote. */
export function isFormer(list: DeviceList, number: number): boolean {
  const signing = list.device(number)?.certificate.signing
  return signing !== undefined && formerOf(list).some(former => equals(former.signing, signing))
}

/** What a restored device of the twin lacks of what was decided before, oldest first: nothing once it has listed the devices again. */
export function formerRecords(list: DeviceList): Uint8Array[] {
  const records = list.formerRecords()
  const isListed = formerOf(list).every(({ signing }) => list.bySigning(signing) !== undefined)
  return isListed ? [] : records.map(({ bytes }) => bytes)
}

/** Whether `listFormer` has something to do. */
export function lacksFormer(list: DeviceList): boolean {
  const isOpen = ({ signing, number }: Certificate) => list.bySigning(signing) !== undefined && !list.isRevoked(number)
  return formerOf(list).some(former => list.mayAdd(former) || isOpen(former))
}

/**
 * As the keeper, lists the devices from before a restore on a bare machine again, each revoked on sight: nothing can be done with them,
 * and what they wrote has an author again. It is cut when the owner says so, or what nobody has brought yet would be lost.
 */
export async function listFormer(list: DeviceList, signer: Signer, at: number): Promise<void> {
  for (const former of formerOf(list)) {
    if (list.mayAdd(former)) await list.add(former.bytes, signer, at)
    const listed = list.bySigning(former.signing)
    if (listed !== undefined && !list.isRevoked(listed.number)) await list.revokeOnSight(listed.number, signer, at)
  }
}

/** The first certificate of each device, in the order in which they were listed; it keeps its keys for life. */
function formerOf(list: DeviceList): Certificate[] {
  const found: Certificate[] = []
  for (const { body } of list.formerRecords()) {
    for (const certificate of certificatesOf(body)) {
      if (found.length === maxFormer) return found
      if (!found.some(({ signing }) => equals(signing, certificate.signing))) found.push(certificate)
    }
  }
  return found
}
