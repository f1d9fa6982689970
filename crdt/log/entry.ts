import { domainPrefix } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import type { Crypto, MaybePromise } from '../crypto/index.ts'
import { asBytes, asList, asText } from './fields.ts'
import type { DecidedHead, LogId } from './log-id.ts'

/** Longest sealed Yjs update (bytes), FORMATS §6. */
export const maxUpdateBytes = 128 * 1024
export const maxDocumentBytes = 128
export const maxOriginBytes = 64
const maxPayloadBytes = maxUpdateBytes + maxDocumentBytes + maxOriginBytes + 32
/** Nonce and tag around every payload. */
export const sealOverhead = 12 + 16
export const maxSealedBytes = maxPayloadBytes + sealOverhead
/** The previous hash of the first entry. */
export const zeroHash: Uint8Array = new Uint8Array(32)

const entryDomain = domainPrefix('twinmesh/entry/1')
const keyDomain = domainPrefix('twinmesh/entry-key/1')

/** The head of another log of the space that an entry builds on. */
export type Dep = readonly [member: number, device: number, seq: number, hash: Uint8Array]

/** FORMATS §6; never sent in full, rebuilt from the run and the log it belongs to. */
export interface EntryHeader {
  readonly space: Uint8Array
  readonly log: LogId
  readonly seq: number
  readonly prev: Uint8Array
  readonly epoch: number
  readonly mhead: DecidedHead
  readonly deps: readonly Dep[]
  readonly time: number
  readonly kind: number
}

export interface Payload {
  readonly document: string
  /** Yjs V1 */
  readonly update: Uint8Array
  /** "" = the owner, else the experience that acted */
  readonly origin: string
}

export function encodeHeader(header: EntryHeader): Uint8Array {
  const { space, log, seq, prev, epoch, mhead, deps, time, kind } = header
  return encode([1, space, log.twin, log.device, seq, prev, epoch, mhead, deps, time, kind])
}

/** The hash that links entries: it covers the encoded header and, through a hash of its own, the sealed payload. */
export function entryHash(crypto: Crypto, header: Uint8Array, sealed: Uint8Array): Uint8Array {
  return crypto.sha256(entryDomain, header, crypto.sha256(sealed))
}

/** The key of all entries of one device in one epoch (32 bytes). */
export function entryKey(crypto: Crypto, epochKey: Uint8Array, space: Uint8Array, log: LogId): Uint8Array {
  const device = encode(log.device)
  const info = new Uint8Array(keyDomain.length + log.twin.length + device.length)
  info.set(keyDomain)
  info.set(log.twin, keyDomain.length)
  info.set(device, keyDomain.length + log.twin.length)
  return crypto.hkdf(epochKey, space, info, 32)
}

/** @param nonce 12 random bytes, never used before */
export function sealPayload(
  crypto: Crypto,
  key: Uint8Array,
  nonce: Uint8Array,
  header: Uint8Array,
  payload: Payload
): MaybePromise<Uint8Array> {
  const plain = encode([payload.document, payload.update, payload.origin])
  const box = crypto.aeadSeal(key, nonce, header, plain)
  return box instanceof Promise ? box.then(bytes => join(nonce, bytes)) : join(nonce, box)
}

/** The payload, or `undefined` when it does not open or is none. */
export function openPayload(
  crypto: Crypto,
  key: Uint8Array,
  header: Uint8Array,
  sealed: Uint8Array
): MaybePromise<Payload | undefined> {
  const plain = crypto.aeadOpen(key, sealed.subarray(0, 12), header, sealed.subarray(12))
  return plain instanceof Promise ? plain.then(readPayload) : readPayload(plain)
}

function readPayload(plain: Uint8Array | undefined): Payload | undefined {
  if (plain === undefined) return undefined
  try {
    const [document, update, origin] = asList(decode(plain, { maxItems: 4, maxDepth: 1 }), 3)
    const payload = {
      document: asText(document, maxDocumentBytes),
      update: asBytes(update, undefined, maxUpdateBytes),
      origin: asText(origin, maxOriginBytes)
    }
    return payload.document === '' ? undefined : payload
  } catch {
    return undefined
  }
}

function join(nonce: Uint8Array, box: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(nonce.length + box.length)
  sealed.set(nonce)
  sealed.set(box, nonce.length)
  return sealed
}
