import { equals } from 'uint8arrays/equals'
import { type Crypto, decode, encode, type Signer } from '../../crdt/crypto/index.ts'
import { openEnvelope, sealEnvelope } from '../../crdt/identity/index.ts'
import type { OwnHead } from '../../crdt/index.ts'
import { asBytes, asUint, type LogId } from '../../crdt/log/index.ts'
import { contentKinds } from './delivery.ts'
import { readMany } from './read-many.ts'
import { ParcelError } from './sealed-parcel.ts'

const domain = 'twinmesh/own-heads/1'
const fields = ['v', 'twin', 'device', 'to', 'hash']
/** What is beyond is confirmed by peers alone. */
const maxHeads = 4096

/** Content of the parcel that a device leaves in its own box when it stops: up to where it has shown its logs (FORMATS §9, §19). */
export async function noteToContent(
  heads: readonly OwnHead[],
  me: LogId & { readonly signer: Signer },
  box: Uint8Array,
  crypto: Crypto
): Promise<Uint8Array> {
  const body = encode(heads.slice(0, maxHeads).map(({ space, seq, hash }) => [space, seq, hash]))
  const payload = { v: 1, twin: me.twin, device: me.device, to: box, hash: crypto.sha256(body) }
  return encode([1, contentKinds.note, await sealEnvelope(domain, payload, me.signer), body])
}

/** @throws {Error} when this device did not sign it for this box */
export async function openNote(
  envelope: Uint8Array,
  body: Uint8Array,
  me: LogId & { readonly signer: Pick<Signer, 'publicKey'> },
  box: Uint8Array,
  crypto: Crypto
): Promise<OwnHead[]> {
  const { signer, payload } = await openEnvelope(envelope, { domain, crypto, fields })
  const isOwn =
    payload.v === 1 &&
    equals(signer, me.signer.publicKey) &&
    equals(asBytes(payload.twin, 32), me.twin) &&
    payload.device === me.device &&
    equals(asBytes(payload.to, 32), box) &&
    equals(asBytes(payload.hash, 32), crypto.sha256(body))
  if (!isOwn) throw new ParcelError('The note is not one of this device')
  return readMany(decode(body), maxHeads).map(item => {
    const [space, seq, hash] = readMany(item, 3, 3)
    return { space: asBytes(space, 32), seq: asUint(seq), hash: asBytes(hash, 32) }
  })
}
