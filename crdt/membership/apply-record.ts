import { equals } from 'uint8arrays/equals'
import type { Crypto } from '../crypto/index.ts'
import { MAX_MEMBERS, MAX_NUMBER, type MemberBody, type MembershipBody, type RemoveBody } from './bodies.ts'
import type { Genesis } from './genesis.ts'
import { MembershipView } from './membership-view.ts'
import { directSpaceId, genesisToSpaceId } from './space-id.ts'

/** The rules of the space do not allow the record. */
export class MembershipError extends Error {
  override readonly name = 'MembershipError'
}

export interface ApplyContext {
  readonly space: Uint8Array
  /** The twin that reads */
  readonly me: Uint8Array
  readonly crypto: Crypto
}

/**
 * The view after one more record of a space's membership (FORMATS §4, §5), whose signature, chain and keeper the decided log checks.
 *
 * @throws {MembershipError} when the record is not allowed there
 */
export function applyRecord(
  view: MembershipView | undefined,
  { body, hash, seq }: { readonly body: MembershipBody; readonly hash: Uint8Array; readonly seq: number },
  context: ApplyContext
): MembershipView {
  if (view === undefined) {
    if (body.kind !== 'genesis') throw new MembershipError('The first record is not a genesis')
    return openView(body.genesis, context)
  }
  switch (body.kind) {
    case 'genesis':
      throw new MembershipError('A genesis comes first')
    case 'member':
      return admit(view, body, context.crypto)
    case 'remove':
      return remove(view, body, { seq, record: hash })
    case 'epoch': {
      const { epoch, commitment } = body
      if (epoch !== view.epochs.length + 1) throw new MembershipError('Epochs are numbered in order from 1')
      return view.with({ epochs: [...view.epochs, { epoch, commitment, record: hash }] })
    }
    case 'name':
      if (view.kind === 'self' || view.kind === 'direct') throw new MembershipError(`A ${view.kind} space has no name`)
      return view.with({ name: body.name })
    case 'takeover':
      return view
  }
}

function openView(genesis: Genesis, { space, me, crypto }: ApplyContext): MembershipView {
  // A direct genesis does not name the other twin: the reader is one of the two, and the second member settles who the other is
  const isOwnDirect = genesis.kind === 'direct' && equals(genesis.decider, me)
  if (!isOwnDirect && !equals(genesisToSpaceId(genesis, crypto, me), space)) {
    throw new MembershipError('The genesis is that of another space')
  }
  return new MembershipView({
    space,
    genesis,
    name: genesis.name,
    members: [{ number: 1, twin: genesis.decider, role: 'owner' }],
    removals: [],
    epochs: [],
    numbers: 1
  })
}

function admit(view: MembershipView, { twin, number, role }: MemberBody, crypto: Crypto): MembershipView {
  if (view.kind === 'self') throw new MembershipError('A self space has no other member')
  if (role === 'owner') throw new MembershipError('The deciding twin alone is owner')
  const known = view.memberOf(twin)
  if (known !== undefined) {
    if (known.number !== number) throw new MembershipError('The twin is a member under another number')
    if (number === 1 || view.kind === 'direct') throw new MembershipError('The role of this member is fixed')
    return view.with({ members: view.members.map(member => (member === known ? { ...member, role } : member)) })
  }
  const former = view.everNumberOf(twin)
  if (number !== (former ?? view.numbers + 1) || number > MAX_NUMBER) {
    throw new MembershipError('Numbers are given in order, and a twin that comes back gets its own')
  }
  if (view.members.length >= MAX_MEMBERS) throw new MembershipError(`A space has at most ${MAX_MEMBERS} members`)
  if (view.kind === 'direct') checkPair(view, twin, number, role, crypto)
  const members = [...view.members, { number, twin, role }].sort((a, b) => a.number - b.number)
  return view.with({ members, numbers: Math.max(view.numbers, number) })
}

function checkPair(view: MembershipView, twin: Uint8Array, number: number, role: string, crypto: Crypto): void {
  if (number !== 2 || role !== 'writer') throw new MembershipError('A direct space has two members, who both write')
  if (!equals(directSpaceId(view.decider, twin, crypto), view.space)) {
    throw new MembershipError('The genesis is that of another space')
  }
  if (!isLower(view.decider, twin)) throw new MembershipError('The lower twin decides in a direct space')
}

function isLower(one: Uint8Array, other: Uint8Array): boolean {
  const at = one.findIndex((byte, index) => byte !== other[index])
  return at >= 0 && (one[at] as number) < (other[at] as number)
}

function remove(
  view: MembershipView,
  { number, cuts }: RemoveBody,
  by: { readonly seq: number; readonly record: Uint8Array }
): MembershipView {
  if (number === 1 || view.kind === 'direct') throw new MembershipError('This member cannot be removed')
  const member = view.members.find(candidate => candidate.number === number)
  if (member === undefined) throw new MembershipError('No member has this number')
  return view.with({
    members: view.members.filter(candidate => candidate !== member),
    removals: [...view.removals, { member, cuts, ...by }]
  })
}
