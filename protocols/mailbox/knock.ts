import { equals } from 'uint8arrays/equals'
import { type Crypto, decode, encode, type Signer } from '../../crdt/crypto/index.ts'
import { DeviceList, openEnvelope, sealEnvelope } from '../../crdt/identity/index.ts'
import { asBytes, asText } from '../../crdt/log/index.ts'
import { contentKinds } from './delivery.ts'
import { readMany } from './read-many.ts'
import { ParcelError } from './sealed-parcel.ts'

const domain = 'twinmesh/knock/1'
const fields = ['v', 'twin', 'to', 'name', 'message', 'token']
const maxRecords = 16

/** A stranger's first message. The limits of its texts are those of who reads it. */
export interface Knock {
  /** Who knocks */
  readonly twin: Uint8Array
  readonly name: string
  readonly message?: string
  /** Of an invite */
  readonly token?: Uint8Array
}

/** Content of a parcel: signed by a device of the twin that knocks, with the twin that is meant named inside. */
export async function knockToContent(
  { twin, name, message, token }: Knock,
  signer: Signer,
  to: Uint8Array,
  records: readonly Uint8Array[]
): Promise<Uint8Array> {
  const envelope = await sealEnvelope(domain, { v: 1, twin, to, name, message, token }, signer)
  return encode([1, contentKinds.knock, envelope, encode([...records])])
}

/**
 * The knock, and the device list that vouches for whoever signed it.
 *
 * @param to the own twin
 * @throws {Error} when it is malformed, for another twin, or not signed by a device of the twin that it names
 */
export async function openKnock(
  envelope: Uint8Array,
  body: Uint8Array,
  { to, crypto }: { readonly to: Uint8Array; readonly crypto: Crypto }
): Promise<{ knock: Knock; records: Uint8Array[] }> {
  const { signer, payload } = await openEnvelope(envelope, { domain, crypto, fields })
  if (payload.v !== 1 || !equals(asBytes(payload.to, 32), to)) throw new ParcelError('The knock is for another twin')
  const twin = asBytes(payload.twin, 32)
  const records = readMany(decode(body), maxRecords).map(record => asBytes(record))
  const list = await DeviceList.read({ twin, crypto }, records)
  const device = list.bySigning(signer)
  if (device === undefined || list.isRevoked(device.number))
    throw new ParcelError('The knock is not of a device of its twin')
  const { message, token } = payload
  const knock = {
    twin,
    name: asText(payload.name, 256),
    ...(message !== undefined && { message: asText(message, 4096) }),
    ...(token !== undefined && { token: asBytes(token, 16) })
  }
  return { knock, records }
}
