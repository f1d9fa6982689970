/**
 * The primitives that spaces and identities are built from, as an interface that a platform fills in.
 *
 * @example
 * const crypto = webCrypto()
 * const signer = crypto.signer(crypto.randomBytes(32))
 * const message = new TextEncoder().encode('hello')
 * assert(await crypto.verify(signer.publicKey, message, await signer.sign(message)))
 *
 * @packageDocumentation
 */
export { CodecError, type DecodeLimits, decode, type Encodable, encode } from '../codec.ts'
export {
  asArray,
  asBytes,
  asMap,
  asText,
  asTuple,
  asUint
} from '../shape.ts'
export type { Crypto, MaybePromise, Sealed, SecretSigner, Signer, Unsealer } from './crypto.ts'
export { type HpkeKey, hpkeOpen, hpkeSeal, importHpkeKey } from './hpke.ts'
export { isStrictEd25519 } from './strict-ed25519.ts'
export { webCrypto } from './web-crypto.ts'
