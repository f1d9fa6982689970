import { privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { type Datastore, Key } from 'interface-datastore'

/** The part of libp2p's keychain that WebRTC-direct asks for. */
export interface CertificateKeys {
  exportKey(name: string): Promise<PrivateKey>
  importKey(name: string, key: PrivateKey): Promise<void>
}

/**
 * Keeps the key of the WebRTC certificate, so that `certhash` in our addresses survives a restart. libp2p's keychain
 * would derive a key with pure JavaScript PBKDF2 while starting (seconds), to protect what needs no protection: the
 * certificate proves nothing, the Noise handshake inside does. The home itself is 0700.
 */
export function certificateKeys(datastore: Datastore): CertificateKeys {
  const keyOf = (name: string) => new Key(`/twin/certificate/${name}`)
  return {
    exportKey: async name => privateKeyFromProtobuf(await datastore.get(keyOf(name))),
    importKey: async (name, key) => {
      await datastore.put(keyOf(name), privateKeyToProtobuf(key))
    }
  }
}
