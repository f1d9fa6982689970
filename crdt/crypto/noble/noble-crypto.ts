import { gcm } from '@noble/ciphers/aes.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { type Crypto, isStrictEd25519, type SecretSigner, type Unsealer } from '../index.ts'
import { aes256Gcm, open, seal } from './noble-hpke.ts'

const empty = new Uint8Array()
const { Point } = ed25519

/** The primitives on noble alone. Its keys are in memory, where whatever runs in the page can read them. */
export function nobleCrypto(): Crypto {
  const randomBytes = (length: number) => globalThis.crypto.getRandomValues(new Uint8Array(length))
  return {
    randomBytes,
    sha256: (...parts) => sha256(parts.length === 1 ? parts[0]! : concat(parts)),
    hkdf: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length),
    verify: (publicKey, message, signature) =>
      isStrictEd25519(publicKey, signature) && verify(publicKey, message, signature),
    aeadSeal: (key, nonce, aad, plaintext) => gcm(key, nonce, aad).encrypt(plaintext),
    aeadOpen: (key, nonce, aad, sealed) => {
      try {
        return gcm(key, nonce, aad).decrypt(sealed)
      } catch {
        return undefined
      }
    },
    hpkeSeal: async (recipient, info, plaintext, aad = empty) =>
      seal(recipient, randomBytes(32), plaintext, { info, aad, aead: aes256Gcm }),
    signer: createSigner,
    unsealer: createUnsealer
  }
}

function createSigner(secret: Uint8Array): SecretSigner {
  const kept = secret.slice()
  return { publicKey: ed25519.getPublicKey(kept), secret: kept, sign: message => ed25519.sign(message, kept) }
}

function createUnsealer(secret: Uint8Array): Unsealer {
  const kept = secret.slice()
  return {
    publicKey: x25519.getPublicKey(kept),
    open: async (sealed, info, aad = empty) => {
      try {
        return open(kept, sealed, { info, aad, aead: aes256Gcm })
      } catch (cause) {
        throw new Error('The sealed message does not open with this key', { cause })
      }
    }
  }
}

/** Compares the recomputed R, without the cofactor: what noble itself verifies is laxer (see `isStrictEd25519`). */
function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))]
  if (s >= Point.Fn.ORDER) return false
  try {
    const k = Point.Fn.create(littleEndian(sha512(concat([r, publicKey, message]))))
    const point = Point.fromBytes(publicKey)
    return equals(Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k)).toBytes(), r)
  } catch {
    // A key that is no point of the curve
    return false
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
