import { asArray, asBytes, asText, asTuple, asUint, type Fields, ShapeError } from '../shape.ts'
import { MAX_NAME_BYTES } from './genesis.ts'

/** `replica` holds ciphertext only and has no key. */
export type Role = 'owner' | 'writer' | 'reader' | 'replica'

/** Up to where the log of a removed member's device counts. */
export interface Cut {
  readonly device: number
  /** 0 when nothing of it counts */
  readonly seq: number
  readonly hash: Uint8Array
}

export interface MemberBody {
  readonly twin: Uint8Array
  readonly number: number
  readonly role: Role
}

export interface RemoveBody {
  readonly number: number
  /** Sorted by device. A device that is not named is cut at 0. */
  readonly cuts: readonly Cut[]
}

export interface EpochBody {
  readonly epoch: number
  readonly commitment: Uint8Array
}

export const MAX_MEMBERS = 1000
/** Member numbers are the upper half of a 32-bit Yjs client id. */
export const MAX_NUMBER = 0xffff
const MAX_CUTS = 1000
const ROLES: readonly string[] = ['owner', 'writer', 'reader', 'replica'] satisfies Role[]

/** @throws {ShapeError} like all readers here */
export function readMember(body: Fields): MemberBody {
  const role = asText(body.role, 'The role', 16)
  if (!ROLES.includes(role)) throw new ShapeError('The role is unknown')
  return {
    twin: asBytes(body.twin, 'The twin', 32),
    number: asUint(body.number, 'The number', MAX_NUMBER, 1),
    role: role as Role
  }
}

export function readRemove(body: Fields): RemoveBody {
  let last = 0
  const cuts = asArray(body.cuts, 'The list of cuts', MAX_CUTS).map(item => {
    const [device, seq, hash] = asTuple(item, 'A cut', 3)
    const cut = {
      device: asUint(device, 'The device of a cut', 0xffff, 1),
      seq: asUint(seq, 'The sequence of a cut'),
      hash: asBytes(hash, 'The hash of a cut', 32)
    }
    if (cut.device <= last) throw new ShapeError('The cuts are not sorted by device')
    last = cut.device
    return cut
  })
  return { number: asUint(body.number, 'The number', MAX_NUMBER, 1), cuts }
}

export function removeToBody({ number, cuts }: RemoveBody) {
  return { number, cuts: cuts.map(({ device, seq, hash }) => [device, seq, hash]) }
}

export function readEpoch(body: Fields): EpochBody {
  return {
    epoch: asUint(body.epoch, 'The epoch', 2 ** 32, 1),
    commitment: asBytes(body.commitment, 'The commitment', 32)
  }
}

export function readName(body: Fields): string {
  return asText(body.name, 'The name', MAX_NAME_BYTES)
}
