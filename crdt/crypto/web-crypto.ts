import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import type { Crypto, SecretSigner, Unsealer } from './crypto.ts'
import { type HpkeKey, hpkeOpen, hpkeSeal, importHpkeKey } from './hpke.ts'
import { isStrictEd25519 } from './strict-ed25519.ts'

const { Point } = ed25519
const scalars = Point.Fn

/**
 * The primitives on `globalThis.crypto` and noble: for browsers, and wherever nothing faster was injected. Verifies about 20 times
 * slower than a native Ed25519.
 */
export function webCrypto(): Crypto {
  return {
    randomBytes: length => globalThis.crypto.getRandomValues(new Uint8Array(length)),
    sha256: (...parts) => sha256(parts.length === 1 ? parts[0]! : concat(parts)),
    hkdf: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length),
    verify,
    aeadSeal: async (key, nonce, aad, plaintext) => {
      const aes = await importAes(key, 'encrypt')
      return new Uint8Array(await globalThis.crypto.subtle.encrypt(gcm(nonce, aad), aes, owned(plaintext)))
    },
    aeadOpen: async (key, nonce, aad, sealed) => {
      const aes = await importAes(key, 'decrypt')
      try {
        return new Uint8Array(await globalThis.crypto.subtle.decrypt(gcm(nonce, aad), aes, owned(sealed)))
      } catch {
        return undefined // WebCrypto says no more than OperationError
      }
    },
    hpkeSeal,
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
  let key: Promise<HpkeKey> | undefined
  return {
    publicKey: x25519.getPublicKey(kept),
    open: async (sealed, info, aad) => {
      key ??= importHpkeKey(kept)
      return hpkeOpen(await key, sealed, info, aad)
    }
  }
}

/** RFC 8032 §5.1.7 without the cofactor; noble's own verify multiplies by it. */
function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!isStrictEd25519(publicKey, signature)) return false
  try {
    const claimed = signature.subarray(0, 32)
    const s = littleEndian(signature.subarray(32))
    if (s >= scalars.ORDER) return false
    const key = Point.fromBytes(publicKey)
    const k = scalars.create(littleEndian(sha512(concat([claimed, publicKey, message]))))
    // Neither factor may be zero for noble; a zero k would take a SHA-512 preimage, a zero s is no honest signature
    if (s === 0n || k === 0n) return false
    const r = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k))
    return equals(r.toBytes(), claimed)
  } catch {
    return false
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!)
  return value
}

function importAes(key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return globalThis.crypto.subtle.importKey('raw', owned(key), 'AES-GCM', false, [usage])
}

function gcm(iv: Uint8Array, additionalData: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: owned(iv), additionalData: owned(additionalData), tagLength: 128 }
}

// WebCrypto's types take no view of shared memory
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
