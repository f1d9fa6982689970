import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'

export function keyToPeerId(key: Uint8Array): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(key))
}

/** The Ed25519 key inside a twin id or a device's peer id; throws a `TypeError` that says what is wrong. */
export function idToKey(id: string): Uint8Array {
  let peer: PeerId
  try {
    peer = peerIdFromString(id)
  } catch (cause) {
    throw new TypeError('Not a twin id: expected text that begins with 12D3KooW', { cause })
  }
  if (peer.type !== 'Ed25519') throw new TypeError('Not a twin id: the key is not an Ed25519 key')
  return peer.publicKey.raw
}
