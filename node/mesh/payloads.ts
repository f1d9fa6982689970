import { decode } from 'cborg'

/** What an owner record says to somebody who looks for a twin (crdt/FORMATS.md §11). */
export interface OwnerPayload {
  /** Transport keys of the devices that are always on */
  readonly admins: Uint8Array[]
}

/** What a node record says about the way to a device. */
export interface NodePayload {
  readonly twin: Uint8Array
  /** Multiaddrs in bytes; hints, verified by nobody */
  readonly addresses: Uint8Array[]
  /** Signed by an admin device; whoever relies on it verifies it against the device list */
  readonly head: Uint8Array | undefined
}

const maxAdmins = 32
const maxAddresses = 16

/** Tells the two kinds of record apart by their fields. `undefined`: neither. */
export function readPayload(payload: Uint8Array): { owner: OwnerPayload } | { node: NodePayload } | undefined {
  const map = decodeMap(payload)
  if (map === undefined || map.v !== 1 || Array.isArray(map.crit)) return undefined
  const { admins, addrs, twin, head } = map
  if (isKeys(admins, maxAdmins)) return { owner: { admins } }
  if (isBytesList(addrs, maxAddresses) && isKey(twin)) {
    return { node: { twin, addresses: addrs, head: head instanceof Uint8Array ? head : undefined } }
  }
  return undefined
}

function decodeMap(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = decode(payload, { strict: true, rejectDuplicateMapKeys: true })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function isKey(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength === 32
}

function isKeys(value: unknown, max: number): value is Uint8Array[] {
  return Array.isArray(value) && value.length > 0 && value.length <= max && value.every(isKey)
}

function isBytesList(value: unknown, max: number): value is Uint8Array[] {
  return Array.isArray(value) && value.length <= max && value.every(item => item instanceof Uint8Array)
}
