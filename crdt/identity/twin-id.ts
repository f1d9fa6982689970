import { base58btc } from 'multiformats/bases/base58'
import { concat } from 'uint8arrays/concat'

// Identity multihash of a 36-byte libp2p public key message (peer id spec): Type = Ed25519, Data = 32 bytes
const prefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)

/**
 * The text of a twin or device: the libp2p peer id of its Ed25519 key, `12D3KooW…`.
 *
 * @throws {RangeError} when the key has not 32 bytes
 */
export function twinToText(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new RangeError('A twin is a public key of 32 bytes')
  return base58btc.baseEncode(concat([prefix, publicKey]))
}

/** @throws {TypeError} when the text is not the peer id of an Ed25519 key */
export function textToTwin(text: string): Uint8Array {
  let bytes: Uint8Array
  try {
    // Bounded: base58 is quadratic, and no id is longer than 52 characters
    bytes = text.length <= 60 ? base58btc.baseDecode(text) : new Uint8Array()
  } catch (cause) {
    throw notATwin(cause)
  }
  if (bytes.length !== prefix.length + 32 || prefix.some((byte, index) => bytes[index] !== byte)) throw notATwin()
  return bytes.slice(prefix.length)
}

function notATwin(cause?: unknown): TypeError {
  return new TypeError('Not a twin id: expected 52 characters that begin with 12D3KooW', { cause })
}
