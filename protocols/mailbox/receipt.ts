import { equals } from 'uint8arrays/equals'
import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import { EnvelopeError, openEnvelope, sealEnvelope } from '../../crdt/identity/index.ts'
import { asBytes, asUint } from '../../crdt/log/index.ts'

const domain = 'twinmesh/mailbox-receipt/1'
const fields = ['v', 'mailbox', 'box', 'hash', 'size', 'expires']

/** What a mailbox signs once a parcel is on its synced storage. */
export interface Receipt {
  /** Transport key of the mailbox, which signs */
  readonly mailbox: Uint8Array
  readonly box: Uint8Array
  /** SHA-256 of the parcel */
  readonly hash: Uint8Array
  readonly size: number
  /** ms since 1970 until which it is kept if nobody acknowledges it */
  readonly expires: number
}

export function sealReceipt({ mailbox, box, hash, size, expires }: Receipt, signer: Signer): Promise<Uint8Array> {
  return sealEnvelope(domain, { v: 1, mailbox, box, hash, size, expires }, signer)
}

/**
 * Answers until when the mailbox keeps the parcel.
 *
 * @throws {Error} when it is no receipt of this mailbox for this parcel
 */
export async function openReceipt(
  bytes: Uint8Array,
  expected: Pick<Receipt, 'mailbox' | 'box' | 'hash' | 'size'>,
  crypto: Crypto
): Promise<number> {
  const { signer, payload } = await openEnvelope(bytes, { domain, crypto, fields })
  const isMeant =
    payload.v === 1 &&
    equals(signer, expected.mailbox) &&
    equals(asBytes(payload.mailbox, 32), signer) &&
    equals(asBytes(payload.box, 32), expected.box) &&
    equals(asBytes(payload.hash, 32), expected.hash) &&
    payload.size === expected.size
  if (!isMeant) throw new EnvelopeError('Malformed', 'The receipt is for something else')
  return asUint(payload.expires)
}
