import { gcm } from '@noble/ciphers/aes.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import type { Sealed } from '../index.ts'

/** HPKE (RFC 9180) in base mode for one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-GCM. */
export interface Aead {
  /** §7.3 */
  readonly id: number
  readonly keyLength: number
}

export const aes256Gcm: Aead = { id: 2, keyLength: 32 }
/** The one that the RFC prints vectors for */
export const aes128Gcm: Aead = { id: 1, keyLength: 16 }

const kemId = 0x0020
const kdfId = 0x0001
const hashLength = 32
const nonceLength = 12
const baseMode = new Uint8Array([0])
const none = new Uint8Array()
const ascii = (text: string) => new TextEncoder().encode(text)
const uint16 = (value: number) => new Uint8Array([value >> 8, value & 0xff])
const kemSuite = concat([ascii('KEM'), uint16(kemId)])

export interface Text {
  readonly info: Uint8Array
  readonly aad: Uint8Array
  readonly aead: Aead
}

/** @throws {Error} when the recipient is no X25519 public key, or one of low order */
export function seal(recipient: Uint8Array, ephemeral: Uint8Array, plaintext: Uint8Array, text: Text): Sealed {
  const enc = x25519.getPublicKey(ephemeral)
  const shared = toShared(x25519.getSharedSecret(ephemeral, recipient), enc, recipient)
  return { enc, ciphertext: cipherOf(shared, text).encrypt(plaintext) }
}

/** @throws {Error} when it does not open */
export function open(secret: Uint8Array, { enc, ciphertext }: Sealed, text: Text): Uint8Array {
  const shared = toShared(x25519.getSharedSecret(secret, enc), enc, x25519.getPublicKey(secret))
  return cipherOf(shared, text).decrypt(ciphertext)
}

/** ExtractAndExpand of §4.1 */
function toShared(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const prk = labeledExtract(kemSuite, none, 'eae_prk', dh)
  return labeledExpand(kemSuite, prk, 'shared_secret', concat([enc, recipient]), hashLength)
}

/** KeySchedule of §5.1, and the nonce of its first message */
function cipherOf(shared: Uint8Array, { info, aad, aead }: Text) {
  const suite = concat([ascii('HPKE'), uint16(kemId), uint16(kdfId), uint16(aead.id)])
  const context = concat([
    baseMode,
    labeledExtract(suite, none, 'psk_id_hash', none),
    labeledExtract(suite, none, 'info_hash', info)
  ])
  const secret = labeledExtract(suite, shared, 'secret', none)
  const key = labeledExpand(suite, secret, 'key', context, aead.keyLength)
  return gcm(key, labeledExpand(suite, secret, 'base_nonce', context, nonceLength), aad)
}

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return extract(sha256, concat([ascii('HPKE-v1'), suite, ascii(label), ikm]), salt)
}

function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number) {
  return expand(sha256, prk, concat([uint16(length), ascii('HPKE-v1'), suite, ascii(label), info]), length)
}
