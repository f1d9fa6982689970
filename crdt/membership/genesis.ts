import { asBytes, asText, asUint, type Fields, ShapeError } from '../shape.ts'

export type SpaceKind = 'self' | 'direct' | 'group' | 'shared'

/** What a space is, for ever (FORMATS §5). */
export interface Genesis {
  readonly kind: SpaceKind
  /** Twin whose keeper decides about members; member number 1 */
  readonly decider: Uint8Array
  /** 16 random bytes; zero for self and direct, whose ids follow from the twins */
  readonly nonce: Uint8Array
  /** Version of the gate that every update of the space passes */
  readonly gate: number
  /** Names the rules of the space; the empty one are those of its kind */
  readonly policy: string
  /** First name; later names are records. At most 128 bytes */
  readonly name: string
}

export const MAX_NAME_BYTES = 128
const MAX_POLICY_BYTES = 64
const MAX_GATE = 0xffff
const KINDS: readonly string[] = ['self', 'direct', 'group', 'shared'] satisfies SpaceKind[]
const FIELDS: readonly string[] = ['kind', 'decider', 'nonce', 'gate', 'policy', 'name']

export function genesisToBody({ kind, decider, nonce, gate, policy, name }: Genesis) {
  return { kind, decider, nonce, gate, policy, name }
}

/** @throws {ShapeError} */
export function bodyToGenesis(body: Fields): Genesis {
  // The id is a hash of the whole body: a field that this version does not know would be lost from it
  if (Object.keys(body).some(field => !FIELDS.includes(field))) throw new ShapeError('The genesis has an unknown field')
  const kind = asText(body.kind, 'The kind', 16)
  if (!KINDS.includes(kind)) throw new ShapeError('The kind of the space is unknown')
  const nonce = asBytes(body.nonce, 'The nonce', 16)
  if ((kind === 'self' || kind === 'direct') && nonce.some(byte => byte !== 0)) {
    throw new ShapeError(`The nonce of a ${kind} space is not zero`)
  }
  return {
    kind: kind as SpaceKind,
    decider: asBytes(body.decider, 'The deciding twin', 32),
    nonce,
    gate: asUint(body.gate, 'The gate version', MAX_GATE, 1),
    policy: asText(body.policy, 'The policy', MAX_POLICY_BYTES),
    name: asText(body.name, 'The name', MAX_NAME_BYTES)
  }
}
