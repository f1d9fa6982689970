import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../../crdt/index.ts'
import { nodeCrypto } from '../../node/crypto.ts'
import type { Random } from './random.ts'

const tagLength = 16

/**
 * The primitives of FORMATS with hashes in place of curves and ciphers: a signature is a hash keyed with the signer's secret, which a
 * table finds by the public key. It forges no easier than a hash does and costs little, so that thousands of simulations are
 * affordable. It hides nothing from who reads memory: for simulations only.
 */
export function hashCrypto(random: Random): Crypto {
  const { sha256 } = nodeCrypto()
  const secrets = new Map<string, Uint8Array>()
  const keep = (domain: number, secret: Uint8Array): { secret: Uint8Array; publicKey: Uint8Array } => {
    const kept = secret.slice()
    const publicKey = sha256(Uint8Array.of(domain), kept)
    secrets.set(textOf(publicKey), kept)
    return { secret: kept, publicKey }
  }
  const sign = (secret: Uint8Array, message: Uint8Array): Uint8Array => {
    const signature = new Uint8Array(64)
    signature.set(sha256(Uint8Array.of(3), secret, message))
    signature.set(signature.subarray(0, 32), 32)
    return signature
  }
  const tagOf = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) =>
    sha256(key, nonce, Uint8Array.of(aad.length >> 8, aad.length & 255), aad, plaintext).subarray(0, tagLength)
  const aeadSeal: Crypto['aeadSeal'] = (key, nonce, aad, plaintext) => {
    const sealed = new Uint8Array(plaintext.length + tagLength)
    mask(key, nonce, plaintext, sealed)
    sealed.set(tagOf(key, nonce, aad, plaintext), plaintext.length)
    return sealed
  }
  const open = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined => {
    if (sealed.length < tagLength) return undefined
    const plaintext = new Uint8Array(sealed.length - tagLength)
    mask(key, nonce, sealed, plaintext)
    const tag = tagOf(key, nonce, aad, plaintext)
    return equals(tag, sealed.subarray(plaintext.length)) ? plaintext : undefined
  }
  const wrapKey = (secret: Uint8Array, enc: Uint8Array, info: Uint8Array) => sha256(Uint8Array.of(4), secret, enc, info)
  return {
    randomBytes: length => random.bytes(length),
    sha256,
    hkdf: (ikm, salt, info, length) => {
      if (length > 32) throw new RangeError('No key is longer than a hash')
      return sha256(Uint8Array.of(5), ikm, salt, info).subarray(0, length)
    },
    verify: (publicKey, message, signature) => {
      const secret = secrets.get(textOf(publicKey))
      return secret !== undefined && equals(signature, sign(secret, message))
    },
    aeadSeal,
    aeadOpen: open,
    hpkeSeal: async (recipient, info, plaintext, aad = new Uint8Array()) => {
      const secret = secrets.get(textOf(recipient))
      if (secret === undefined) throw new Error('Nobody has a key for this recipient')
      const enc = random.bytes(32)
      return { enc, ciphertext: await aeadSeal(wrapKey(secret, enc, info), new Uint8Array(12), aad, plaintext) }
    },
    signer: secret => {
      const kept = keep(1, secret)
      return { ...kept, sign: message => sign(kept.secret, message) }
    },
    unsealer: secret => {
      const kept = keep(2, secret)
      return {
        publicKey: kept.publicKey,
        open: async ({ enc, ciphertext }, info, aad = new Uint8Array()) => {
          const plaintext = open(wrapKey(kept.secret, enc, info), new Uint8Array(12), aad, ciphertext)
          if (plaintext === undefined) throw new Error('The sealed message does not open with this key')
          return plaintext
        }
      }
    }
  }
}

/** Changes every byte by the key and the nonce; what was sealed is nowhere in the clear, and that is all. */
function mask(key: Uint8Array, nonce: Uint8Array, from: Uint8Array, to: Uint8Array): void {
  const length = Math.min(from.length, to.length)
  for (let index = 0; index < length; index++) {
    to[index] = from[index]! ^ key[index & 31]! ^ nonce[index % 12]! ^ (index >> 5)
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
