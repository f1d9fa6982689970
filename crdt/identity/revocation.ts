import type { Crypto, Signer } from '../crypto/index.ts'
import { asBytes, asUint, asVersion } from '../shape.ts'
import { claimsDomain, openEnvelope, sealEnvelope } from './envelope.ts'

const domain = 'twinmesh/device-revoke/1'
const fields = ['v', 'twin', 'number', 'at', 'undo']

/** An admin device's or the owner's word that a device is revoked: it acts on sight, before the keeper has recorded it. */
export interface Revocation {
  readonly twin: Uint8Array
  readonly number: number
  /** ms since 1970 */
  readonly at: number
  /** Nothing that the device wrote is to count: it was let in by mistake. Absent = as far as the keeper has it */
  readonly undo?: true
}

export interface OpenedRevocation extends Revocation {
  readonly signer: Uint8Array
  readonly bytes: Uint8Array
}

export async function sealRevocation({ twin, number, at, undo }: Revocation, signer: Signer): Promise<Uint8Array> {
  return sealEnvelope(domain, { v: 1, twin, number, at, ...(undo && { undo }) }, signer)
}

/** Whether the bytes say that they are one. */
export function isRevocation(bytes: Uint8Array): boolean {
  return claimsDomain(bytes, domain)
}

/** @throws {EnvelopeError | ShapeError} */
export async function openRevocation(bytes: Uint8Array, crypto: Crypto): Promise<OpenedRevocation> {
  const { signer, payload } = await openEnvelope(bytes, { domain, crypto, fields })
  asVersion(payload.v, 'The revocation')
  return {
    twin: asBytes(payload.twin, 'The twin', 32),
    number: asUint(payload.number, 'The number', 65_535, 1),
    at: asUint(payload.at, 'The time'),
    // Whatever else stands there: the device is shut out
    ...(payload.undo === true && { undo: true }),
    signer,
    bytes
  }
}
