import type { SpaceFacts, SpaceKind } from '../documents/index.ts'
import type { Membership } from '../membership/index.ts'
import type { KeyRing } from './key-ring.ts'
import type { SpaceState } from './replica.ts'
import type { Member } from './space.ts'
import type { Me } from './spaces.ts'

export interface LocalFactsInit {
  readonly me: Me
  readonly membership: Membership
  readonly keyRing: KeyRing
  readonly state: SpaceState
}

/** What is so in a space now: what its members have decided, and whether its owner has accepted it here. */
export class LocalFacts implements SpaceFacts {
  readonly id: Uint8Array
  readonly #init: LocalFactsInit
  #state: SpaceState

  constructor(init: LocalFactsInit) {
    this.id = init.membership.space
    this.#init = init
    this.#state = init.state
  }

  get kind(): SpaceKind {
    return this.#init.membership.view!.kind
  }

  get policy(): string {
    return this.#init.membership.view!.genesis.policy
  }

  get name(): string {
    return this.#init.membership.view!.name
  }

  get decider(): Uint8Array {
    return this.#init.membership.view!.decider
  }

  get state(): SpaceState {
    return this.#init.membership.proof !== undefined ? 'frozen' : this.#state
  }

  /** The owner has accepted it. */
  open(): void {
    this.#state = 'open'
  }

  get myNumber(): number | undefined {
    return this.#init.membership.view?.numberOf(this.#init.me.twin)
  }

  /** Whether the key of what is written now is here. */
  get hasKey(): boolean {
    const epoch = this.#init.membership.view?.epoch?.epoch
    return epoch !== undefined && this.#init.keyRing.get(epoch) !== undefined
  }

  members(): Member[] {
    return [...(this.#init.membership.view?.members ?? [])]
  }

  numberOf(twin: Uint8Array): number | undefined {
    return this.#init.membership.view?.everNumberOf(twin)
  }

  twinOf(number: number): Uint8Array | undefined {
    return this.#init.membership.view?.twinOf(number)
  }
}
