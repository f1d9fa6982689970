import { domainPrefix } from '../bytes.ts'
import { encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'
import type { LogId } from '../log/index.ts'

/** Bytes of a document's state in one part; sealed it fits an item of a sync session. */
export const partBytes = 512 * 1024
/** Nonce and tag around each part. */
export const partOverhead = 12 + 16
const domain = domainPrefix('twinmesh/snapshot-part/1')

/** A piece of a snapshot, as it is stored and sent. */
export interface SealedPart {
  readonly hash: Uint8Array
  readonly sealed: Uint8Array
}

/** What a part is bound to: it opens nowhere else. */
export interface PartPlace {
  readonly space: Uint8Array
  readonly by: LogId
  readonly epoch: number
  readonly document: string
  readonly index: number
}

/** Seals the state of a document in parts. @param key of `snapshotKey` */
export async function sealParts(
  state: Uint8Array,
  place: Omit<PartPlace, 'index'>,
  key: Uint8Array,
  crypto: Crypto
): Promise<SealedPart[]> {
  const parts: SealedPart[] = []
  for (let at = 0; at < state.length; at += partBytes) {
    const nonce = crypto.randomBytes(12)
    const data = partData({ ...place, index: parts.length })
    const box = await crypto.aeadSeal(key, nonce, data, state.subarray(at, at + partBytes))
    const sealed = new Uint8Array(12 + box.length)
    sealed.set(nonce)
    sealed.set(box, 12)
    parts.push({ hash: crypto.sha256(sealed), sealed })
  }
  return parts
}

/** The bytes of a part, or `undefined` when it is not what it should be. */
export async function openPart(
  sealed: Uint8Array,
  place: PartPlace,
  key: Uint8Array,
  crypto: Crypto
): Promise<Uint8Array | undefined> {
  if (sealed.length <= partOverhead || sealed.length > partBytes + partOverhead) return undefined
  return crypto.aeadOpen(key, sealed.subarray(0, 12), partData(place), sealed.subarray(12))
}

function partData({ space, by, epoch, document, index }: PartPlace): Uint8Array {
  const body = encode([space, by.twin, by.device, epoch, document, index])
  const data = new Uint8Array(domain.length + body.length)
  data.set(domain)
  data.set(body, domain.length)
  return data
}
