import { domainPrefix } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import type { Crypto, MaybePromise } from '../crypto/index.ts'
import { asBytes, asList, asText, asUint, bytesToHex, FormatError, hexToBytes, isLongerThan } from '../log/index.ts'

/**
 * FORMATS §18. A blob is cut into chunks, each is sealed under a key of the blob's own, and a manifest lists the hashes of the
 * sealed chunks. The address is the hash of the manifest, so whoever has the address verifies each chunk as it comes, and
 * whoever has only chunks and manifest reads nothing.
 */
export const chunkSize = 256 * 1024
const tagSize = 16
/** Bytes of every sealed chunk but the last. */
export const sealedChunkSize = chunkSize + tagSize
/** A manifest of as many hashes has 512 KiB and goes into one frame. */
const maxChunks = 16_384
export const maxBlobSize = maxChunks * chunkSize
export const maxManifestBytes = 32 * maxChunks + 32
const maxTypeBytes = 128
const maxNameBytes = 255

/** What stands in a document for a blob: whoever has it may read the blob, wherever the chunks come from. */
export interface BlobReference {
  /** 64 hexadecimal digits */
  readonly address: string
  /** Bytes before they were sealed */
  readonly size: number
  /** 32 bytes, of this blob alone */
  readonly key: Uint8Array
  /** Media type, or empty */
  readonly type: string
  /** Name of the file without any folder, or empty */
  readonly name: string
}

export interface Manifest {
  readonly size: number
  readonly count: number
  /** Hashes of the sealed chunks, 32 bytes each */
  readonly hashes: Uint8Array
}

const addressDomain = domainPrefix('twinmesh/blob/1')
const chunkDomain = domainPrefix('twinmesh/blob-chunk/1')

export function encodeManifest({ size, hashes }: Pick<Manifest, 'size' | 'hashes'>): Uint8Array {
  return encode([1, size, hashes])
}

/** @throws {FormatError | CodecError} */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > maxManifestBytes) throw new FormatError('A manifest is shorter')
  const [version, size, hashes] = asList(decode(bytes, { maxDepth: 1, maxItems: 8 }), 3)
  if (version !== 1) throw new FormatError('The manifest has an unknown version')
  const known = asUint(size, maxBlobSize)
  const count = Math.ceil(known / chunkSize)
  return { size: known, count, hashes: asBytes(hashes, 32 * count) }
}

export function manifestToAddress(manifest: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return bytesToHex(crypto.sha256(addressDomain, manifest))
}

/** Bytes that the sealed chunk at `index` must have. */
export function sealedLength({ size, count }: Pick<Manifest, 'size' | 'count'>, index: number): number {
  return index < count - 1 ? sealedChunkSize : size - chunkSize * (count - 1) + tagSize
}

export function isChunkOf(
  manifest: Manifest,
  index: number,
  sealed: Uint8Array,
  crypto: Pick<Crypto, 'sha256'>
): boolean {
  if (index >= manifest.count || sealed.length !== sealedLength(manifest, index)) return false
  const hash = crypto.sha256(sealed)
  for (let at = 0; at < 32; at++) if (hash[at] !== manifest.hashes[32 * index + at]) return false
  return true
}

export function sealChunk(
  key: Uint8Array,
  index: number,
  chunk: Uint8Array,
  crypto: Pick<Crypto, 'aeadSeal'>
): MaybePromise<Uint8Array> {
  return crypto.aeadSeal(key, nonceOf(index), chunkDomain, chunk)
}

/** `undefined` when the key is not the blob's. */
export function openChunk(
  key: Uint8Array,
  index: number,
  sealed: Uint8Array,
  crypto: Pick<Crypto, 'aeadOpen'>
): MaybePromise<Uint8Array | undefined> {
  return crypto.aeadOpen(key, nonceOf(index), chunkDomain, sealed)
}

/** As a value inside other CBOR. @throws {RangeError} with a sentence for whoever made it */
export function referenceToList({ address, size, key, type, name }: BlobReference): (number | string | Uint8Array)[] {
  const list = [1, hexToBytes(address), size, key, type, name]
  if (!/^[0-9a-f]{64}$/.test(address) || listToReference(list) === undefined) {
    throw new RangeError(
      'A reference names a file without a folder, has a plain media type and a size within the limit'
    )
  }
  return list
}

/** `undefined` for whatever is no reference. */
export function listToReference(value: unknown): BlobReference | undefined {
  try {
    const [version, address, size, key, type, name] = asList(value, 6)
    const reference = {
      address: bytesToHex(asBytes(address, 32)),
      size: asUint(size, maxBlobSize),
      key: asBytes(key, 32),
      type: asText(type, maxTypeBytes),
      name: asText(name, maxNameBytes)
    }
    return version === 1 && isMediaType(reference.type) && isFileName(reference.name) ? reference : undefined
  } catch {
    return undefined
  }
}

export function referenceToBytes(reference: BlobReference): Uint8Array {
  return encode(referenceToList(reference))
}

export function bytesToReference(bytes: Uint8Array): BlobReference | undefined {
  try {
    return listToReference(decode(bytes, { maxDepth: 1, maxItems: 8 }))
  } catch {
    return undefined
  }
}

/** Whether a text may stand as the name of a file: it leads into no folder and moves no cursor. */
export function isFileName(name: string): boolean {
  if (name === '.' || name === '..' || isLongerThan(name, maxNameBytes) || !name.isWellFormed()) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  return !/[/\\\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(name)
}

/** Whether a text may stand as a media type; that it is a registered one is not asked. */
export function isMediaType(type: string): boolean {
  return type.length <= maxTypeBytes && /^[\x20-\x7e]*$/.test(type)
}

/** 96 bits, big-endian: a key seals one chunk under each index. */
function nonceOf(index: number): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setUint32(8, index)
  return nonce
}
