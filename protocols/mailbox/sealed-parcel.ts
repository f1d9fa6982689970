import { concat } from 'uint8arrays/concat'
import { type Crypto, encode, type Unsealer } from '../../crdt/crypto/index.ts'
import { type maxKnockBytes, maxParcelBytes, parcelSizes } from './protocol.ts'

/** The bytes are no parcel, or none for this key. */
export class ParcelError extends Error {
  override readonly name = 'ParcelError'
}

const version = 1
const keyLength = 32
const tagLength = 16
const lengthLength = 4
const overhead = 1 + keyLength + tagLength + lengthLength
const domain = new TextEncoder().encode('twinmesh/parcel/1\0')

/** Bytes of content that fit a parcel of this size. */
export function roomIn(size: number): number {
  return size - overhead
}

/**
 * Seals content to one device, so that a mailbox sees neither what nor from whom it is, and its size in classes only.
 *
 * @param box transport key of the device whose box it is for
 * @throws {RangeError} when it does not fit the largest class, or `most`
 */
export async function sealParcel(
  content: Uint8Array,
  recipient: { readonly box: Uint8Array; readonly key: Uint8Array },
  crypto: Crypto,
  most: typeof maxKnockBytes | typeof maxParcelBytes = maxParcelBytes
): Promise<Uint8Array> {
  const size = parcelSizes.find(size => roomIn(size) >= content.length)
  if (size === undefined || size > most) throw new RangeError(`A parcel holds at most ${roomIn(most)} bytes`)
  const plaintext = new Uint8Array(lengthLength + roomIn(size))
  new DataView(plaintext.buffer).setUint32(0, content.length)
  plaintext.set(content, lengthLength)
  const { enc, ciphertext } = await crypto.hpkeSeal(recipient.key, infoOf(recipient.box), plaintext)
  return concat([Uint8Array.of(version), enc, ciphertext])
}

/** @throws {ParcelError} */
export async function openParcel(parcel: Uint8Array, box: Uint8Array, unsealer: Unsealer): Promise<Uint8Array> {
  if (!parcelSizes.includes(parcel.length)) throw new ParcelError('A parcel has one of the fixed sizes')
  if (parcel[0] !== version) throw new ParcelError('The version of the parcel is unknown')
  const enc = parcel.slice(1, 1 + keyLength)
  const ciphertext = parcel.slice(1 + keyLength)
  let plaintext: Uint8Array
  try {
    plaintext = await unsealer.open({ enc, ciphertext }, infoOf(box))
  } catch (cause) {
    throw new ParcelError('The parcel does not open with the key of this device', { cause })
  }
  const length = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0)
  const end = lengthLength + length
  // Of two sizes that fit only the smaller is right, and nothing hides in the padding
  const isLeast = parcelSizes.find(size => roomIn(size) >= length) === parcel.length
  if (!isLeast || plaintext.subarray(end).some(byte => byte !== 0))
    throw new ParcelError('The parcel is not padded as it should be')
  return plaintext.slice(lengthLength, end)
}

function infoOf(box: Uint8Array): Uint8Array {
  return concat([domain, encode([box])])
}
