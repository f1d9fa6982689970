import { equals } from 'uint8arrays/equals'
import { type Crypto, decode, encode, type Signer } from '../../crdt/crypto/index.ts'
import { type DeviceDirectory, openEnvelope, sealEnvelope } from '../../crdt/identity/index.ts'
import { asBytes, asUint, type LogId } from '../../crdt/log/index.ts'
import { readMany } from './read-many.ts'
import { ParcelError } from './sealed-parcel.ts'

/** First element of what is in a parcel. */
export const contentKinds = { delivery: 0, knock: 1, note: 2 } as const

const domain = 'twinmesh/delivery/1'
const fields = ['v', 'twin', 'device', 'to', 'hash']
const maxItems = 4096

/** Part of one space, as a sync session would bring it: sealed, signed entries, and what it takes to verify them. */
export interface SpacePart {
  readonly space: Uint8Array
  /** Membership records */
  readonly records: readonly Uint8Array[]
  readonly wraps: readonly Uint8Array[]
  readonly runs: readonly { readonly log: LogId; readonly run: Uint8Array }[]
}

export interface Delivery {
  readonly devices: readonly { readonly twin: Uint8Array; readonly records: readonly Uint8Array[] }[]
  readonly spaces: readonly SpacePart[]
}

/** Content of a parcel, signed by the device that brings it for the box that it is for. */
export async function deliveryToContent(
  { devices, spaces }: Delivery,
  from: LogId & { readonly signer: Signer },
  box: Uint8Array,
  crypto: Crypto
): Promise<Uint8Array> {
  const body = encode([
    devices.map(({ twin, records }) => [twin, [...records]]),
    spaces.map(({ space, records, wraps, runs }) => [
      space,
      [...records],
      [...wraps],
      runs.map(({ log, run }) => [log.twin, log.device, run])
    ])
  ])
  const payload = { v: 1, twin: from.twin, device: from.device, to: box, hash: crypto.sha256(body) }
  return encode([1, contentKinds.delivery, await sealEnvelope(domain, payload, from.signer), body])
}

/**
 * Who brings a delivery, and what it is. The bringer is a device that its twin lists now; what it brings is verified by the replica.
 *
 * @throws {ParcelError} when it is malformed, for another box, or not of a listed device; what the directory throws is passed on
 */
export async function openDelivery(
  envelope: Uint8Array,
  body: Uint8Array,
  { box, directory, crypto }: { readonly box: Uint8Array; readonly directory: DeviceDirectory; readonly crypto: Crypto }
): Promise<{ from: LogId; delivery: Delivery }> {
  const { from, signer, delivery } = await readSigned(envelope, body, box, crypto).catch(cause => {
    throw new ParcelError('The delivery does not verify', { cause })
  })
  const list = await directory.load(from.twin)
  const device = list?.device(from.device)
  if (device === undefined || list?.isRevoked(from.device) === true || !equals(device.certificate.signing, signer))
    throw new ParcelError('The delivery is not of a device of its twin')
  return { from, delivery }
}

async function readSigned(envelope: Uint8Array, body: Uint8Array, box: Uint8Array, crypto: Crypto) {
  const { signer, payload } = await openEnvelope(envelope, { domain, crypto, fields })
  const from = { twin: asBytes(payload.twin, 32), device: asUint(payload.device, 0xffff) }
  const isMeant =
    payload.v === 1 && equals(asBytes(payload.to, 32), box) && equals(asBytes(payload.hash, 32), crypto.sha256(body))
  if (!isMeant) throw new ParcelError('The delivery is for another box')
  return { from, signer, delivery: readDelivery(body) }
}

function readDelivery(body: Uint8Array): Delivery {
  const [devices, spaces] = readMany(decode(body), 2, 2)
  return {
    devices: readMany(devices, maxItems).map(item => {
      const [twin, records] = readMany(item, 2, 2)
      return { twin: asBytes(twin, 32), records: readBlobs(records) }
    }),
    spaces: readMany(spaces, maxItems).map(item => {
      const [space, records, wraps, runs] = readMany(item, 4, 4)
      return {
        space: asBytes(space, 32),
        records: readBlobs(records),
        wraps: readBlobs(wraps),
        runs: readMany(runs, maxItems).map(run => {
          const [twin, device, bytes] = readMany(run, 3, 3)
          return { log: { twin: asBytes(twin, 32), device: asUint(device, 0xffff) }, run: asBytes(bytes) }
        })
      }
    })
  }
}

function readBlobs(value: unknown): Uint8Array[] {
  return readMany(value, maxItems).map(item => asBytes(item))
}
