import { equals } from 'uint8arrays/equals'
import { toString as bytesToString } from 'uint8arrays/to-string'
import type { Signer } from '../crypto/index.ts'
import type { Certificate } from './certificate.ts'
import { type Cut, joinCuts } from './cut-list.ts'
import type { DecidedRecord } from './decided-record.ts'
import { certificatesOf, type DeviceList } from './device-list.ts'
import type { DeviceDecision } from './device-rules.ts'

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
  const isOpen = ({ signing, number }: Certificate) =>
    list.bySigning(signing) !== undefined && !list.isRevokedByWord(number)
  return formerOf(list).some(former => list.mayAdd(former) || isOpen(former)) || formerEnds(list).length > 0
}

/**
 * As the keeper, lists the devices from before a restore on a bare machine again, each as a former one, which is revoked by the same
 * record: nothing can be done with them at any moment, and what they wrote has an author again. Where a device ended before the restore it ends again; the others are cut when the owner says
 * so, or what nobody has brought yet would be lost.
 */
export async function listFormer(list: DeviceList, signer: Signer, at: number): Promise<void> {
  for (const former of formerOf(list)) {
    if (list.mayAdd(former)) await list.add(former.bytes, signer, at, true)
    const listed = list.bySigning(former.signing)
    // For releases that do not read the mark
    if (listed !== undefined && !list.isRevokedByWord(listed.number))
      await list.revokeOnSight(listed.number, signer, at)
  }
  for (const { number, cuts } of formerEnds(list)) await list.revoke(number, cuts, signer, at)
}

/**
 * Listed devices that have no end yet and had one before the restore. Nothing is taken from a list of which there are two: who holds
 * the key of its keeper could end any device anywhere.
 */
function formerEnds(list: DeviceList): { readonly number: number; readonly cuts: readonly Cut[] }[] {
  const ends: { number: number; cuts: readonly Cut[] }[] = []
  const ahead = new Map<number, readonly Cut[]>()
  for (const { body } of formerPath(list)) {
    if (body.type === 'cuts') ahead.set(body.number, joinCuts(ahead.get(body.number), body.cuts))
    else if (body.type === 'revoke')
      ends.push({ number: body.number, cuts: joinCuts(ahead.get(body.number), body.cuts) })
  }
  return ends.filter(({ number }) => isFormer(list, number) && list.device(number)?.revoked === undefined)
}

/** The records that counted before the restore, oldest first; none when two contradict each other. */
function formerPath(list: DeviceList): DecidedRecord<DeviceDecision>[] {
  const records = list.formerRecords()
  const term = Math.max(...records.map(record => record.term))
  const newest = records.filter(record => record.term === term)
  if (new Set(newest.map(({ seq }) => seq)).size < newest.length) return []
  const byHash = new Map(records.map(record => [bytesToString(record.hash, 'hex'), record]))
  const path: DecidedRecord<DeviceDecision>[] = []
  let record = newest.sort((a, b) => a.seq - b.seq).at(-1)
  while (record !== undefined) {
    path.unshift(record)
    record = record.prev && byHash.get(bytesToString(record.prev, 'hex'))
  }
  return path
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
