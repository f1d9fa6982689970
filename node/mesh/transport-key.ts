import { createPrivateKey, createPublicKey } from 'node:crypto'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { fromString as textToBytes } from 'uint8arrays/from-string'

/** PKCS #8 header of an Ed25519 secret (RFC 8410 §7) */
const pkcs8 = textToBytes('302e020100300506032b657004220420', 'base16')

/**
 * The device's transport key from its 32 secret bytes. libp2p would compute the public half in JavaScript, which is a
 * tenth of the time a node takes to start; Node does it natively.
 */
export function transportKeyFromSecret(secret: Uint8Array): PrivateKey {
  if (secret.byteLength !== 32) throw new TypeError('A transport key has 32 secret bytes')
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, secret]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return privateKeyFromRaw(Buffer.concat([secret, textToBytes(x, 'base64url')]))
}
