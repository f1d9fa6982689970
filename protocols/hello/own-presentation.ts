import type { DeviceDirectory, DeviceList } from '../../crdt/identity/index.ts'
import { ProtocolError } from '../core/index.ts'
import { toHead, toHelloHead } from './fetch-newer.ts'
import { type HelloHead, type HelloHeads, maxHeads, maxInlineBytes, maxRecords } from './protocol.ts'

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
  const pages = pagesOf(list.since(have && toHead(have)))
  return {
    certificate: device.certificate.bytes,
    head: toHelloHead(list.head),
    // A part would be a gap to the reader: a longer list is fetched
    records: pages.length === 1 ? pages[0]! : [],
    heads: directory
      .heads(shared)
      .slice(0, maxHeads)
      .map(([twin, ...head]) => ({ twin, head: toHelloHead(head) }))
  }
}

/** As much of a list as one answer carries. */
export function pageOf(list: DeviceList, have: HelloHead | undefined): { records: Uint8Array[]; more: boolean } {
  const [records = [], ...others] = pagesOf(list.since(have && toHead(have)))
  return { records, more: others.length > 0 }
}

/** Records in order, as many together as one message carries. */
export function pagesOf(records: readonly Uint8Array[]): Uint8Array[][] {
  const pages: Uint8Array[][] = []
  let size = 0
  for (const record of records) {
    const page = pages.at(-1)
    size += record.length
    if (page !== undefined && size <= maxInlineBytes && page.length < maxRecords) {
      page.push(record)
    } else {
      pages.push([record])
      size = record.length
    }
  }
  return pages
}
