import { equals } from 'uint8arrays/equals'
import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import { EnvelopeError, openEnvelope, sealEnvelope } from '../../crdt/identity/index.ts'
import { asBytes } from '../../crdt/log/index.ts'
import { maxAcked } from './protocol.ts'
import { readMany } from './read-many.ts'

const domain = 'twinmesh/mailbox-ack/1'
const fields = ['v', 'mailbox', 'box', 'hashes']

/** What the owner of a box signs about parcels that it has no more use for: the mailbox deletes them. */
export interface Ack {
  readonly mailbox: Uint8Array
  /** Transport key of the device whose box it is, which signs */
  readonly box: Uint8Array
  readonly hashes: readonly Uint8Array[]
}

export function sealAck({ mailbox, box, hashes }: Ack, signer: Signer): Promise<Uint8Array> {
  return sealEnvelope(domain, { v: 1, mailbox, box, hashes: [...hashes] }, signer)
}

/** @throws {Error} when it was not signed by this box for this mailbox */
export async function openAck(
  bytes: Uint8Array,
  { mailbox, box }: Pick<Ack, 'mailbox' | 'box'>,
  crypto: Crypto
): Promise<Uint8Array[]> {
  const { signer, payload } = await openEnvelope(bytes, { domain, crypto, fields })
  const isMeant =
    payload.v === 1 &&
    equals(signer, box) &&
    equals(asBytes(payload.box, 32), box) &&
    equals(asBytes(payload.mailbox, 32), mailbox)
  if (!isMeant) throw new EnvelopeError('Malformed', 'The acknowledgement is for something else')
  return readMany(payload.hashes, maxAcked).map(hash => asBytes(hash, 32))
}
