import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { nobleCrypto } from '../crdt/crypto/noble/index.ts'
import type { Device } from './device.ts'
import { memoryDevice } from './memory-device.ts'

/**
 * A device for a page that came over plain http, where browsers have neither WebCrypto nor locks. Its keys are in memory, and whoever has
 * changed the page has them too: a twin lets it in to look, for an hour (decision 0044).
 */
export async function visitDevice(): Promise<Device> {
  const crypto = nobleCrypto()
  const seed = crypto.randomBytes(32)
  const keys = {
    privateKey: await generateKeyPairFromSeed('Ed25519', seed),
    transport: crypto.signer(seed),
    signing: crypto.signer(crypto.randomBytes(32)),
    encryption: crypto.unsealer(crypto.randomBytes(32))
  }
  return memoryDevice(keys, crypto)
}
