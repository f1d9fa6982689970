import { decode, encode } from '../codec.ts'
import { asArray, asBytes, asMap, asVersion, ShapeError } from '../shape.ts'

const maxSize = 2048
const maxAdmins = 32
const fields = ['v', 'admins', 'list', 'genesis', 'recovery', 'next']

/** How long an owner record is valid: it can be signed only with the phrase at hand. */
export const ownerRecordLifetimeMs = 5 * 365 * 24 * 3600 * 1000

/** What a twin says about itself under its twin id. The IPNS record around it carries the owner's signature. */
export interface OwnerRecord {
  /** Transport keys of the admin nodes, 1 to 32: whom to ask for the device list */
  readonly admins: readonly Uint8Array[]
  /** Id of the device list */
  readonly list: Uint8Array
  /** Hash of the list's first record */
  readonly genesis: Uint8Array
  /** X25519 key of the phrase */
  readonly recovery: Uint8Array
  /** SHA-256 of the next owner key */
  readonly next: Uint8Array
}

/** @throws {ShapeError} when it is out of its limits */
export function encodeOwnerRecord({ admins, list, genesis, recovery, next }: OwnerRecord): Uint8Array {
  const bytes = encode({ v: 1, admins: [...admins], list, genesis, recovery, next })
  decodeOwnerRecord(bytes)
  return bytes
}

/**
 * The payload of an IPNS record that was verified under the twin id.
 *
 * @throws {ShapeError | CodecError}
 */
export function decodeOwnerRecord(payload: Uint8Array): OwnerRecord {
  if (payload.length > maxSize) throw new ShapeError(`An owner record is at most ${maxSize} bytes`)
  const map = asMap(decode(payload), 'The owner record')
  asVersion(map.v, 'The owner record')
  refuseCritical(map.crit, fields)
  const admins = asArray(map.admins, 'The admins', maxAdmins).map(key => asBytes(key, 'An admin', 32))
  if (admins.length === 0) throw new ShapeError('An owner record names an admin')
  return {
    admins,
    list: asBytes(map.list, 'The list', 32),
    genesis: asBytes(map.genesis, 'The genesis', 32),
    recovery: asBytes(map.recovery, 'The recovery key', 32),
    next: asBytes(map.next, 'The next owner key', 32)
  }
}

/** Outside envelopes too, a payload may say which of its fields a reader has to know. */
export function refuseCritical(crit: unknown, known: readonly string[]): void {
  if (crit === undefined) return
  const names = asArray(crit, 'The critical fields', 32)
  if (names.length === 0 || names.some(name => typeof name !== 'string' || !known.includes(name))) {
    throw new ShapeError('The record needs a field that this version does not know')
  }
}
