/**
 * The primitives without WebCrypto, for a page that came over plain http: browsers give it none. A folder of its own, so that no other page
 * loads it.
 *
 * @example
 * const crypto = nobleCrypto()
 * const key = crypto.unsealer(crypto.randomBytes(32))
 * const [info, text] = [new Uint8Array([1]), new TextEncoder().encode('hello')]
 * assert.deepEqual(await key.open(await crypto.hpkeSeal(key.publicKey, info, text), info), text)
 *
 * @packageDocumentation
 */
export { nobleCrypto } from './noble-crypto.ts'
