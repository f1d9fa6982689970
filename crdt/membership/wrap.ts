import { preimage } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import type { Crypto, Unsealer } from '../crypto/index.ts'
import { asBytes, asTuple, asUint, asVersion } from '../shape.ts'
import { isEpochKey } from './epoch-key.ts'
import type { Epoch } from './membership-view.ts'

/** Device 0 of a twin stands for the recovery key of its phrase. */
export const RECOVERY_DEVICE = 0
const KEY_LENGTH = 32
const TAG_LENGTH = 16
export const MAX_WRAP_BYTES = 256

/** An epoch key sealed to one device (FORMATS §5). Its label says whom to try; only an opened key that fits its commitment counts. */
export interface Wrap {
  readonly space: Uint8Array
  readonly epoch: number
  readonly twin: Uint8Array
  readonly device: number
  readonly enc: Uint8Array
  readonly sealed: Uint8Array
}

export interface Recipient {
  readonly twin: Uint8Array
  readonly device: number
  /** X25519 public key from the device's certificate, or of the phrase */
  readonly publicKey: Uint8Array
}

/** Seals an epoch key to one device. Anybody who holds the key may: a wrap carries no signature. */
export async function sealEpochKey(
  key: Uint8Array,
  epoch: Epoch,
  space: Uint8Array,
  recipient: Recipient,
  crypto: Crypto
): Promise<Uint8Array> {
  const info = wrapInfo(space, epoch, recipient.twin, recipient.device)
  const { enc, ciphertext } = await crypto.hpkeSeal(recipient.publicKey, info, key)
  return encode([1, space, epoch.epoch, recipient.twin, recipient.device, enc, ciphertext])
}

/** @throws {CodecError | ShapeError} when the bytes are no wrap */
export function decodeWrap(bytes: Uint8Array): Wrap {
  const items = asTuple(bytes.length <= MAX_WRAP_BYTES ? decode(bytes) : undefined, 'A wrap', 7)
  const [version, space, epoch, twin, device, enc, sealed] = items
  asVersion(version, 'A wrap')
  return {
    space: asBytes(space, 'The space', 32),
    epoch: asUint(epoch, 'The epoch', 2 ** 32, 1),
    twin: asBytes(twin, 'The recipient', 32),
    device: asUint(device, 'The device', 0xffff),
    enc: asBytes(enc, 'The encapsulated key', KEY_LENGTH),
    sealed: asBytes(sealed, 'The sealed key', KEY_LENGTH + TAG_LENGTH)
  }
}

/** The key inside, or `undefined` when it does not open or is not the key that the epoch record committed to. */
export async function openWrap(
  wrap: Wrap,
  epoch: Epoch,
  unsealer: Unsealer,
  crypto: Crypto
): Promise<Uint8Array | undefined> {
  if (wrap.epoch !== epoch.epoch) return undefined
  let key: Uint8Array
  try {
    const info = wrapInfo(wrap.space, epoch, wrap.twin, wrap.device)
    key = await unsealer.open({ enc: wrap.enc, ciphertext: wrap.sealed }, info)
  } catch {
    return undefined
  }
  return isEpochKey(key, epoch, wrap.space, crypto) ? key : undefined
}

function wrapInfo(space: Uint8Array, { epoch, record }: Epoch, twin: Uint8Array, device: number): Uint8Array {
  return preimage('twinmesh/wrap/1', encode([space, epoch, record, twin, device]))
}
