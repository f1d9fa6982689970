import type { DeviceDirectory, DeviceList } from '../../crdt/identity/index.ts'
import { ProtocolError } from '../core/index.ts'
import { toHead, toHelloHead } from './fetch-newer.ts'
import { type HelloHead, type HelloHeads, maxHeads, maxInlineBytes } from './protocol.ts'

/** The device that speaks. */
export interface OwnDevice {
  readonly twin: Uint8Array
  /** libp2p identity */
  readonly transport: Uint8Array
}

export interface OwnPresentation {
  readonly certificate: Uint8Array
  readonly head: HelloHead
  readonly records: Uint8Array[]
  readonly heads: HelloHeads
}

/**
 * What this device says of itself and of the twins it shares with the listener.
 *
 * @throws {ProtocolError} `Unavailable` when its twin does not list it
 */
export function ownPresentation(
  { twin, transport }: OwnDevice,
  directory: DeviceDirectory,
  shared: readonly Uint8Array[],
  have: HelloHead | undefined
): OwnPresentation {
  const list = directory.get(twin)
  const device = list?.byTransport(transport)
  if (list?.head === undefined || device === undefined) {
    throw new ProtocolError('Unavailable', 'This device is not listed by its twin')
  }
  const records = list.since(have && toHead(have))
  return {
    certificate: device.certificate.bytes,
    head: toHelloHead(list.head),
    // A part would be a gap to the reader: a longer list is fetched
    records: sizeOf(records) <= maxInlineBytes ? records : [],
    heads: directory
      .heads(shared)
      .slice(0, maxHeads)
      .map(([twin, ...head]) => ({ twin, head: toHelloHead(head) }))
  }
}

/** As much of a list as one answer carries. */
export function pageOf(list: DeviceList, have: HelloHead | undefined): { records: Uint8Array[]; more: boolean } {
  const missing = list.since(have && toHead(have))
  const records: Uint8Array[] = []
  let size = 0
  for (const record of missing) {
    size += record.length
    if (size > maxInlineBytes) return { records, more: true }
    records.push(record)
  }
  return { records, more: false }
}

function sizeOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + length, 0)
}
