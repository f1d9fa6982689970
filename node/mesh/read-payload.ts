import { decodeNodeRecord, decodeOwnerRecord, type NodeRecord, type OwnerRecord } from '../../crdt/identity/index.ts'

/** What a record of the DHT turned out to be; at most one of the two. */
export interface Payload {
  readonly owner?: OwnerRecord
  readonly node?: NodeRecord
}

/** Tells owner and node records apart: an id may be that of a twin or of a device. `undefined`: neither. */
export function readPayload(payload: Uint8Array): Payload | undefined {
  const owner = tryDecode(decodeOwnerRecord, payload)
  if (owner !== undefined) return { owner }
  const node = tryDecode(decodeNodeRecord, payload)
  return node === undefined ? undefined : { node }
}

function tryDecode<T>(decode: (payload: Uint8Array) => T, payload: Uint8Array): T | undefined {
  try {
    return decode(payload)
  } catch {
    // Strangers may file anything under their own key
    return undefined
  }
}
