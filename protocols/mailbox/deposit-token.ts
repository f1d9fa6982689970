import { concat } from 'uint8arrays/concat'
import type { Crypto } from '../../crdt/crypto/index.ts'

const tokenLabel = new TextEncoder().encode('twinmesh/mailbox-token/1\0')
const hashLabel = new TextEncoder().encode('twinmesh/mailbox-token-hash/1\0')

/** Token by which one contact may deposit in one mailbox: who lacks the secret cannot tell two of them from random bytes. */
export function depositToken(
  secret: Uint8Array,
  mailbox: Uint8Array,
  contact: Uint8Array,
  crypto: Pick<Crypto, 'hkdf'>
): Uint8Array {
  return crypto.hkdf(secret, mailbox, concat([tokenLabel, contact]), 16)
}

/** What a mailbox knows of a token: who reads its disk cannot deposit. */
export function tokenHash(token: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return crypto.sha256(hashLabel, token)
}
