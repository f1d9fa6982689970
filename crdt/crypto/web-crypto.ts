import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat } from 'uint8arrays/concat'
import type { Crypto, SecretSigner, Unsealer } from './crypto.ts'
import { type HpkeKey, hpkeOpen, hpkeSeal, importHpkeKey } from './hpke.ts'
import { isStrictEd25519 } from './strict-ed25519.ts'

/** Keys of authors that are kept imported: those of a busy space. */
const maxVerifyKeys = 256

/** The primitives on `globalThis.crypto` and noble: for browsers, and wherever nothing faster was injected. */
export function webCrypto(): Crypto {
  const verifyKeys = new Map<string, Promise<CryptoKey>>()
  const aesKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>()
  return {
    randomBytes: length => globalThis.crypto.getRandomValues(new Uint8Array(length)),
    sha256: (...parts) => sha256(parts.length === 1 ? parts[0]! : concat(parts)),
    hkdf: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length),
    verify: (publicKey, message, signature) =>
      isStrictEd25519(publicKey, signature) && verify(verifyKeys, publicKey, message, signature),
    aeadSeal: async (key, nonce, aad, plaintext) => {
      const aes = await importAes(aesKeys, key)
      return new Uint8Array(await subtle().encrypt(gcm(nonce, aad), aes, owned(plaintext)))
    },
    aeadOpen: async (key, nonce, aad, sealed) => {
      const aes = await importAes(aesKeys, key)
      try {
        return new Uint8Array(await subtle().decrypt(gcm(nonce, aad), aes, owned(sealed)))
      } catch {
        return undefined // WebCrypto says no more than OperationError
      }
    },
    hpkeSeal,
    signer: createSigner,
    unsealer: createUnsealer
  }
}

const subtle = () => globalThis.crypto.subtle

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

/** Browsers and Node compare the recomputed R, without the cofactor; the compliance suite holds each of them to that. */
async function verify(
  keys: Map<string, Promise<CryptoKey>>,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array
): Promise<boolean> {
  try {
    return await subtle().verify('Ed25519', await importEd25519(keys, publicKey), owned(signature), owned(message))
  } catch (cause) {
    // A key that is no point of the curve
    if (cause instanceof DOMException && cause.name === 'DataError') return false
    throw cause
  }
}

function importEd25519(keys: Map<string, Promise<CryptoKey>>, publicKey: Uint8Array): Promise<CryptoKey> {
  const name = String.fromCharCode(...publicKey)
  const known = keys.get(name)
  if (known !== undefined) return known
  const imported = subtle().importKey('raw', owned(publicKey), 'Ed25519', false, ['verify'])
  if (keys.size === maxVerifyKeys) keys.delete(keys.keys().next().value!)
  keys.set(name, imported)
  return imported
}

/** The key of an epoch seals and opens many: it is imported once, for as long as its bytes are kept. */
function importAes(keys: WeakMap<Uint8Array, Promise<CryptoKey>>, key: Uint8Array): Promise<CryptoKey> {
  const known = keys.get(key)
  if (known !== undefined) return known
  const imported = subtle().importKey('raw', owned(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
  keys.set(key, imported)
  return imported
}

function gcm(iv: Uint8Array, additionalData: Uint8Array): AesGcmParams {
  return { name: 'AES-GCM', iv: owned(iv), additionalData: owned(additionalData), tagLength: 128 }
}

// WebCrypto's types take no view of shared memory
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
