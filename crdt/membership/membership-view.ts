import { equals } from 'uint8arrays/equals'
import type { Cut, Role } from './bodies.ts'
import type { Genesis, SpaceKind } from './genesis.ts'

export interface Member {
  /** Given in order from 1, never re-used */
  readonly number: number
  readonly twin: Uint8Array
  readonly role: Role
}

export interface Epoch {
  /** From 1 */
  readonly epoch: number
  readonly commitment: Uint8Array
  /** Hash of the record that opened it; part of what its wraps are bound to */
  readonly record: Uint8Array
}

export interface Removal {
  readonly member: Member
  readonly cuts: readonly Cut[]
  /** Sequence and hash of the record; who names this head or a later one knows of the removal */
  readonly seq: number
  readonly record: Uint8Array
}

interface ViewState {
  readonly space: Uint8Array
  readonly genesis: Genesis
  readonly name: string
  readonly members: readonly Member[]
  readonly removals: readonly Removal[]
  readonly epochs: readonly Epoch[]
  /** Numbers given so far */
  readonly numbers: number
}

/** The members, name and epochs of a space as of one membership record. Never changes. */
export class MembershipView {
  readonly space: Uint8Array
  readonly genesis: Genesis
  readonly name: string
  /** Current ones, by number */
  readonly members: readonly Member[]
  readonly removals: readonly Removal[]
  /** All so far, oldest first */
  readonly epochs: readonly Epoch[]
  /** How many numbers were given; the next member gets the one after */
  readonly numbers: number
  readonly #asked = new WeakMap<Uint8Array, Member>()

  constructor(state: ViewState) {
    this.space = state.space
    this.genesis = state.genesis
    this.name = state.name
    this.members = state.members
    this.removals = state.removals
    this.epochs = state.epochs
    this.numbers = state.numbers
  }

  get kind(): SpaceKind {
    return this.genesis.kind
  }

  get decider(): Uint8Array {
    return this.genesis.decider
  }

  /** The epoch that new entries are sealed in; absent before the first key was committed to. */
  get epoch(): Epoch | undefined {
    return this.epochs.at(-1)
  }

  /** A current member. Every write asks for its own twin, which is one array. */
  memberOf(twin: Uint8Array): Member | undefined {
    const known = this.#asked.get(twin)
    if (known !== undefined) return known
    const member = this.members.find(candidate => equals(candidate.twin, twin))
    if (member !== undefined) this.#asked.set(twin, member)
    return member
  }

  numberOf(twin: Uint8Array): number | undefined {
    return this.memberOf(twin)?.number
  }

  roleOf(twin: Uint8Array): Role | undefined {
    return this.memberOf(twin)?.role
  }

  /** Whoever had this number, removed or not: history keeps its names. */
  twinOf(number: number): Uint8Array | undefined {
    const member = this.members.find(candidate => candidate.number === number)
    return (member ?? this.removals.find(removal => removal.member.number === number)?.member)?.twin
  }

  /** The number that this twin has or had: a member who comes back gets its own. */
  everNumberOf(twin: Uint8Array): number | undefined {
    return this.numberOf(twin) ?? this.removals.find(({ member }) => equals(member.twin, twin))?.member.number
  }

  /** Whether entries of this twin that name this view as their membership head may be taken. */
  mayWrite(twin: Uint8Array): boolean {
    const role = this.roleOf(twin)
    return role === 'owner' || role === 'writer'
  }

  /** Whether it is a member that has the keys: a replica holds what is sealed, and is told nothing in the clear. */
  mayRead(twin: Uint8Array): boolean {
    const role = this.roleOf(twin)
    return role !== undefined && role !== 'replica'
  }

  /** The next view: this one with some parts replaced. */
  with(changes: Partial<ViewState>): MembershipView {
    return new MembershipView({ ...this, ...changes })
  }
}
