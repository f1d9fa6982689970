import { asArray, asBytes, asText, asTuple, asUint, type Fields, ShapeError } from '../shape.ts'
import { bodyToGenesis, type Genesis, MAX_NAME_BYTES } from './genesis.ts'

/** `replica` holds ciphertext only and has no key. */
export type Role = 'owner' | 'writer' | 'reader' | 'replica'

/** Up to where the log of a removed member's device counts. */
export interface Cut {
  readonly device: number
  /** 0 when nothing of it counts */
  readonly seq: number
  readonly hash: Uint8Array
}

/** Bodies of the records of a membership, as read (FORMATS §4). */
export type MembershipBody =
  | { readonly kind: 'genesis'; readonly genesis: Genesis }
  | { readonly kind: 'member'; readonly twin: Uint8Array; readonly number: number; readonly role: Role }
  /** Cuts are sorted by device. A device that is not named is cut at 0. */
  | { readonly kind: 'remove'; readonly number: number; readonly cuts: readonly Cut[] }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly commitment: Uint8Array }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'takeover'; readonly keeper: Uint8Array }

export type MemberBody = Extract<MembershipBody, { kind: 'member' }>
export type RemoveBody = Extract<MembershipBody, { kind: 'remove' }>
export type EpochBody = Extract<MembershipBody, { kind: 'epoch' }>

export const MAX_MEMBERS = 1000
/** Member numbers are the upper half of a 32-bit Yjs client id. */
export const MAX_NUMBER = 0xffff
const MAX_CUTS = 1000
const ROLES: readonly string[] = ['owner', 'writer', 'reader', 'replica'] satisfies Role[]

/** @throws {ShapeError} also when a field is there that this version does not know: records are few and their meaning must be shared */
export function readBody(kind: string, body: Fields): MembershipBody {
  switch (kind) {
    case 'genesis':
      return { kind, genesis: bodyToGenesis(body) }
    case 'member':
      return readMember(body)
    case 'remove':
      return readRemove(body)
    case 'epoch':
      return readEpoch(body)
    case 'name':
      onlyFields(body, 'name')
      return { kind, name: asText(body.name, 'The name', MAX_NAME_BYTES) }
    case 'takeover':
      onlyFields(body, 'keeper')
      return { kind, keeper: asBytes(body.keeper, 'The keeper', 32) }
    default:
      throw new ShapeError('The kind of the record is unknown')
  }
}

function readMember(body: Fields): MemberBody {
  onlyFields(body, 'twin', 'number', 'role')
  const role = asText(body.role, 'The role', 16)
  if (!ROLES.includes(role)) throw new ShapeError('The role is unknown')
  return {
    kind: 'member',
    twin: asBytes(body.twin, 'The twin', 32),
    number: asUint(body.number, 'The number', MAX_NUMBER, 1),
    role: role as Role
  }
}

function readRemove(body: Fields): RemoveBody {
  onlyFields(body, 'number', 'cuts')
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
  return { kind: 'remove', number: asUint(body.number, 'The number', MAX_NUMBER, 1), cuts }
}

export function removeToBody({ number, cuts }: Pick<RemoveBody, 'number' | 'cuts'>) {
  return { number, cuts: cuts.map(({ device, seq, hash }) => [device, seq, hash]) }
}

function readEpoch(body: Fields): EpochBody {
  onlyFields(body, 'epoch', 'commitment')
  return {
    kind: 'epoch',
    epoch: asUint(body.epoch, 'The epoch', 2 ** 32, 1),
    commitment: asBytes(body.commitment, 'The commitment', 32)
  }
}

function onlyFields(body: Fields, ...known: string[]): void {
  if (Object.keys(body).some(field => !known.includes(field))) throw new ShapeError('The record has an unknown field')
}
