import { equals } from 'uint8arrays/equals'
import { preimage } from '../bytes.ts'
import { encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'

/** 32 random bytes that entries of one epoch of a space are sealed under. */
export function newEpochKey(crypto: Crypto): Uint8Array {
  return crypto.randomBytes(32)
}

/** What the epoch record publishes of a key (FORMATS §5). */
export function epochCommitment(space: Uint8Array, epoch: number, key: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(preimage('twinmesh/epoch/1', space, encode(epoch), key))
}

/** Whether a key is the one that the keeper committed to; nothing else makes it count. */
export function isEpochKey(
  key: Uint8Array,
  epoch: { readonly epoch: number; readonly commitment: Uint8Array },
  space: Uint8Array,
  crypto: Crypto
): boolean {
  return key.length === 32 && equals(epochCommitment(space, epoch.epoch, key, crypto), epoch.commitment)
}
