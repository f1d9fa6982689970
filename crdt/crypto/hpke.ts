import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import type { Sealed } from './crypto.ts'

const empty = new Uint8Array()

/** A key of the platform for a raw one, see `hpkeOpen`. */
export type HpkeKey = CryptoKey | CryptoKeyPair

// Made when first needed: a twin that seals nothing does not pay for it
let cached: CipherSuite | undefined
function suite(): CipherSuite {
  cached ??= new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  return cached
}

/** @throws {Error} when the recipient is no X25519 public key, or one of low order */
export async function hpkeSeal(
  recipient: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array = empty
): Promise<Sealed> {
  const { kem } = suite()
  const recipientPublicKey = await kem.importKey('raw', toArrayBuffer(recipient), true)
  const sealed = await suite().seal({ recipientPublicKey, info }, toArrayBuffer(plaintext), toArrayBuffer(aad))
  return { enc: new Uint8Array(sealed.enc), ciphertext: new Uint8Array(sealed.ct) }
}

export function importHpkeKey(secret: Uint8Array): Promise<HpkeKey> {
  return suite().kem.importKey('raw', toArrayBuffer(secret), false)
}

/** A non-extractable private key needs its public half beside it. */
export async function hpkeOpen(
  recipientKey: HpkeKey,
  { enc, ciphertext }: Sealed,
  info: Uint8Array,
  aad: Uint8Array = empty
): Promise<Uint8Array> {
  try {
    const opened = await suite().open({ recipientKey, enc, info }, toArrayBuffer(ciphertext), toArrayBuffer(aad))
    return new Uint8Array(opened)
  } catch (cause) {
    throw new Error('The sealed message does not open with this key', { cause })
  }
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
