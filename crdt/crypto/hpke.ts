import type { CipherSuite } from '@hpke/core'
import type { Sealed } from './crypto.ts'

const empty = new Uint8Array()

/** A key of the platform for a raw one, see `hpkeOpen`. */
export type HpkeKey = CryptoKey | CryptoKeyPair

// Loaded and made when first needed: a twin that seals nothing, and a page before it has anything to open, does not pay for it
let cached: Promise<CipherSuite> | undefined
function suite(): Promise<CipherSuite> {
  cached ??= import('@hpke/core').then(
    ({ Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 }) =>
      new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  )
  return cached
}

/** @throws {Error} when the recipient is no X25519 public key, or one of low order */
export async function hpkeSeal(
  recipient: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array = empty
): Promise<Sealed> {
  const hpke = await suite()
  const recipientPublicKey = await hpke.kem.importKey('raw', toArrayBuffer(recipient), true)
  const sealed = await hpke.seal({ recipientPublicKey, info }, toArrayBuffer(plaintext), toArrayBuffer(aad))
  return { enc: new Uint8Array(sealed.enc), ciphertext: new Uint8Array(sealed.ct) }
}

export async function importHpkeKey(secret: Uint8Array): Promise<HpkeKey> {
  return (await suite()).kem.importKey('raw', toArrayBuffer(secret), false)
}

/** A non-extractable private key needs its public half beside it. */
export async function hpkeOpen(
  recipientKey: HpkeKey,
  { enc, ciphertext }: Sealed,
  info: Uint8Array,
  aad: Uint8Array = empty
): Promise<Uint8Array> {
  const hpke = await suite()
  try {
    const opened = await hpke.open({ recipientKey, enc, info }, toArrayBuffer(ciphertext), toArrayBuffer(aad))
    return new Uint8Array(opened)
  } catch (cause) {
    throw new Error('The sealed message does not open with this key', { cause })
  }
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
