import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { type Crypto, hpkeOpen, type Signer, type Unsealer } from '../crdt/crypto/index.ts'
import type { DeviceKeys } from '../crdt/identity/index.ts'
import { LightError } from './light-error.ts'

/**
 * Keys of a browser. Signing and encryption never leave WebCrypto: a script that runs here can use them while it runs, and take
 * none of them away. libp2p needs the bytes of the transport key, which at rest are sealed under a key that cannot leave either.
 */
export interface StoredKeys {
  readonly signing: CryptoKeyPair
  readonly encryption: CryptoKeyPair
  readonly wrapping: CryptoKey
  readonly transport: { readonly iv: Uint8Array<ArrayBuffer>; readonly sealed: Uint8Array<ArrayBuffer> }
}

export interface BrowserKeys extends DeviceKeys {
  /** For libp2p */
  readonly privateKey: PrivateKey
}

const ed25519 = { name: 'Ed25519' }
const x25519 = { name: 'X25519' }
const subtle = () => globalThis.crypto.subtle

/** @throws {LightError} `unsupported` */
export async function newStoredKeys(): Promise<StoredKeys> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new LightError('unsupported', 'Keys are made on https or localhost only: open this page there')
  }
  try {
    const seed = globalThis.crypto.getRandomValues(new Uint8Array(32))
    const iv = globalThis.crypto.getRandomValues(new Uint8Array(12))
    const [signing, encryption, wrapping] = await Promise.all([
      subtle().generateKey(ed25519, false, ['sign', 'verify']),
      subtle().generateKey(x25519, false, ['deriveBits']),
      subtle().generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    ])
    const sealed = new Uint8Array(await subtle().encrypt({ name: 'AES-GCM', iv }, wrapping, seed))
    seed.fill(0)
    // The types know no Ed25519 or X25519, which give a pair
    return { signing: toPair(signing), encryption: toPair(encryption), wrapping, transport: { iv, sealed } }
  } catch (cause) {
    throw new LightError('unsupported', 'This browser is too old: it makes no Ed25519 and X25519 keys', { cause })
  }
}

/** @throws {DOMException} when the transport key does not open */
export async function openKeys(stored: StoredKeys, crypto: Crypto): Promise<BrowserKeys> {
  const { iv, sealed } = stored.transport
  const seed = new Uint8Array(await subtle().decrypt({ name: 'AES-GCM', iv }, stored.wrapping, sealed))
  return {
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    transport: crypto.signer(seed),
    signing: await toSigner(stored.signing),
    encryption: await toUnsealer(stored.encryption)
  }
}

async function toSigner({ publicKey, privateKey }: CryptoKeyPair): Promise<Signer> {
  return {
    publicKey: await rawOf(publicKey),
    sign: async message => new Uint8Array(await subtle().sign(ed25519, privateKey, new Uint8Array(message)))
  }
}

async function toUnsealer(pair: CryptoKeyPair): Promise<Unsealer> {
  return { publicKey: await rawOf(pair.publicKey), open: (sealed, info, aad) => hpkeOpen(pair, sealed, info, aad) }
}

async function rawOf(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await subtle().exportKey('raw', key))
}

function toPair(made: CryptoKey | CryptoKeyPair): CryptoKeyPair {
  if ('privateKey' in made) return made
  throw new TypeError('Not a pair of keys')
}
