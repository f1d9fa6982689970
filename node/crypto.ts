import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
  verify
} from 'node:crypto'
import {
  type Crypto,
  type HpkeKey,
  hpkeOpen,
  hpkeSeal,
  importHpkeKey,
  isStrictEd25519,
  type SecretSigner,
  type Unsealer
} from '../crdt/crypto/index.ts'
import { freeBytes } from '../protocols/core/index.ts'

const cachedKeys = 4096
/** Up to this size (bytes) copying costs less than what a hash that is fed in parts needs for itself. */
const joined = new Uint8Array(16 * 1024)
const tagLength = 16
// Fixed DER around a raw key (RFC 8410). JWK import is faster on Node 20 but needs base64 of both halves of a private key.
const privateEd25519 = Buffer.from('302e020100300506032b657004220420', 'hex')
const privateX25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * The primitives on `node:crypto`: everything but HPKE is synchronous. Importing a public key costs more than verifying with it, so up
 * to 4,096 keys are kept, the longest unused dropped first.
 */
export function nodeCrypto(): Crypto {
  const keys = new PublicKeys()
  return {
    randomBytes: length => plain(randomBytes(length)),
    sha256: (...parts) => {
      let size = 0
      for (const part of parts) size += part.length
      if (size <= joined.length) return hashOf(parts)
      const whole = createHash('sha256')
      for (const part of parts) whole.update(part)
      return plain(whole.digest())
    },
    hkdf: (ikm, salt, info, length) => new Uint8Array(hkdfSync('sha256', ikm, salt, info, length)),
    verify: (publicKey, message, signature) => {
      if (!isStrictEd25519(publicKey, signature)) return false
      const key = keys.get(publicKey)
      return key !== undefined && verify(null, message, key, signature)
    },
    aeadSeal: (key, nonce, aad, plaintext) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
      const sealed = new Uint8Array(plaintext.length + tagLength)
      const text = cipher.update(plaintext)
      sealed.set(text)
      freeBytes(text)
      cipher.final()
      sealed.set(cipher.getAuthTag(), plaintext.length)
      return sealed
    },
    aeadOpen: (key, nonce, aad, sealed) => {
      if (sealed.length < tagLength) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(aad)
      decipher.setAuthTag(sealed.subarray(sealed.length - tagLength))
      const plaintext = decipher.update(sealed.subarray(0, sealed.length - tagLength))
      try {
        decipher.final()
      } catch {
        return undefined
      }
      return plain(plaintext)
    },
    hpkeSeal,
    signer: createSigner,
    unsealer: createUnsealer
  }
}

/** The hash of parts that fit into `joined` together. As text: making a buffer costs as much as the hash of a few hundred bytes. */
function hashOf(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0
  for (const part of parts) {
    joined.set(part, size)
    size += part.length
  }
  const text = hash('sha256', joined.subarray(0, size), 'binary')
  const digest = new Uint8Array(32)
  for (let index = 0; index < digest.length; index++) digest[index] = text.charCodeAt(index)
  return digest
}

function createSigner(secret: Uint8Array): SecretSigner {
  const key = importPrivate(privateEd25519, secret)
  const kept = secret.slice()
  return { publicKey: publicKeyOf(key), secret: kept, sign: message => plain(sign(null, message, key)) }
}

function createUnsealer(secret: Uint8Array): Unsealer {
  const publicKey = publicKeyOf(importPrivate(privateX25519, secret))
  const kept = secret.slice()
  let key: Promise<HpkeKey> | undefined
  return {
    publicKey,
    open: async (sealed, info, aad) => {
      key ??= importHpkeKey(kept)
      return hpkeOpen(await key, sealed, info, aad)
    }
  }
}

function importPrivate(prefix: Uint8Array, secret: Uint8Array): KeyObject {
  if (secret.length !== 32) throw new RangeError('A secret key has 32 bytes')
  return createPrivateKey({ key: Buffer.concat([prefix, secret]), format: 'der', type: 'pkcs8' })
}

function publicKeyOf(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return plain(Buffer.from(x!, 'base64url'))
}

/** Public keys by their bytes, least recently used dropped first. A `Map` keeps the order of insertion. */
class PublicKeys {
  readonly #keys = new Map<string, KeyObject | undefined>()

  get(raw: Uint8Array): KeyObject | undefined {
    const id = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
    if (this.#keys.has(id)) {
      const known = this.#keys.get(id)
      this.#keys.delete(id)
      this.#keys.set(id, known)
      return known
    }
    const key = importPublic(raw)
    this.#keys.set(id, key)
    if (this.#keys.size > cachedKeys) this.#keys.delete(this.#keys.keys().next().value!)
    return key
  }
}

/** `undefined` for bytes that are no point. JWK: DER import costs several times as much on Node 20. */
function importPublic(raw: Uint8Array): KeyObject | undefined {
  try {
    const x = Buffer.from(raw).toString('base64url')
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** A plain view of a Buffer's bytes; copied when they lie in the shared pool, whose other bytes are not for callers. */
function plain(bytes: Buffer): Uint8Array {
  return bytes.length < bytes.buffer.byteLength ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer)
}
