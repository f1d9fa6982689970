import { nameOfSpace, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { Conversation } from './conversation.ts'

/** What chat asks the contact list; `Contacts` is one. */
export interface People {
  /** @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit */
  resolve(who: string): { readonly id: string; readonly name: string; readonly state: string }
  nameOf(twin: string): string
  /** How this twin sees another */
  classOf(twin: string): string
  onChange(listener: (change: { record: { id: string; state: string } }) => void): () => void
}

export interface ConversationsComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'list' | 'direct' | 'accept'>
  readonly contacts: People
}

/** Where something is to be said: a person, with whom there may be no conversation yet, or a group. */
export interface Place {
  readonly name: string
  readonly twin?: string
  readonly space?: Space
}

export interface MemberItem {
  readonly id: string
  readonly name: string
  readonly role: 'owner' | 'writer' | 'reader' | 'replica'
}

const spaceIdPattern = /^[0-9a-f]{64}$/

/** Finds the conversation that a name means. */
export class Conversations {
  readonly #components: ConversationsComponents
  readonly #now: () => number
  readonly #myId: string
  readonly #open = new Map<string, Conversation>()
  /** The same by the twin id of the other */
  readonly #direct = new Map<string, Conversation>()

  constructor(components: ConversationsComponents, now: () => number) {
    this.#components = components
    this.#now = now
    this.#myId = twinToText(components.me.twin)
  }

  close(): void {
    for (const conversation of this.#open.values()) conversation.close()
    this.#open.clear()
    this.#direct.clear()
  }

  isChat(space: Space): boolean {
    return space.kind === 'direct' || space.kind === 'group'
  }

  isAt(space: Space, place: Place): boolean {
    if (place.space !== undefined) return space.text === place.space.text
    return space.kind === 'direct' && this.otherOf(space) === place.twin
  }

  of(space: Space): Conversation {
    const known = this.#open.get(space.text)
    // After the store was repaired a space may be another object
    if (known?.space === space) return known
    known?.close()
    const conversation = new Conversation(space, this.#now)
    this.#open.set(space.text, conversation)
    return conversation
  }

  *all(): Generator<Conversation> {
    for (const space of this.#components.spaces.list()) {
      if (this.isChat(space) && space.state !== 'offered' && !this.#isHidden(space)) yield this.of(space)
    }
  }

  /** A space id, the name of a group, or whom the contact list finds. */
  async find(who: string): Promise<Place> {
    const { spaces } = this.#components
    if (spaceIdPattern.test(who)) {
      const space = spaces.list().find(({ text }) => text === who)
      if (space === undefined || !this.isChat(space))
        throw new ProtocolError('NotFound', 'No conversation with this id')
      const twin = this.otherOf(space)
      return { name: this.nameOf(space), space, ...(twin !== undefined && { twin }) }
    }
    const groups = this.groupsNamed(who)
    const person = this.#person(who, groups.length > 0)
    if (groups.length + (person === undefined ? 0 : 1) > 1) {
      throw new ProtocolError('FailedPrecondition', `Several conversations are called ${who}; name one by its id`)
    }
    if (person !== undefined) return { name: person.name, twin: person.id }
    return { name: nameOfSpace(groups[0]!), space: groups[0]! }
  }

  /** The conversation at a place, accepted if it was offered; `undefined` while there is none with this person. */
  async open({ twin, space }: Place): Promise<Conversation | undefined> {
    const { spaces, contacts } = this.#components
    const known = twin === undefined ? undefined : this.#direct.get(twin)
    if (known?.space.state === 'open' && contacts.classOf(twin!) === 'contact') return known
    // Asking for it may make it, which is only for contacts
    const isMissing = space === undefined && twin !== undefined && contacts.classOf(twin) === 'contact'
    const found = isMissing ? await spaces.direct(textToTwin(twin)) : space
    if (found === undefined) return undefined
    const conversation = this.of(found.state === 'offered' ? await spaces.accept(found.id) : found)
    if (isMissing) this.#direct.set(twin, conversation)
    return conversation
  }

  contact(who: string): { id: string; name: string } {
    const person = this.#components.contacts.resolve(who)
    if (person.state === 'contact') return person
    throw new ProtocolError('FailedPrecondition', `${person.name} has to be a contact first`)
  }

  groupsNamed(name: string): Space[] {
    const folded = fold(name)
    return this.#components.spaces.list().filter(space => space.kind === 'group' && fold(nameOfSpace(space)) === folded)
  }

  /** Twin id of the other in a direct conversation. */
  otherOf(space: Space): string | undefined {
    if (space.kind !== 'direct') return undefined
    return space
      .members()
      .map(({ twin }) => twinToText(twin))
      .find(id => id !== this.#myId)
  }

  nameOf(space: Space): string {
    const other = this.otherOf(space)
    return other === undefined ? nameOfSpace(space) : this.#components.contacts.nameOf(other)
  }

  membersOf(space: Space): MemberItem[] {
    const { contacts } = this.#components
    return space.members().map(({ twin, role }) => {
      const id = twinToText(twin)
      return { id, name: id === this.#myId ? '' : contacts.nameOf(id), role }
    })
  }

  /** Conversations with people who were blocked are not shown. */
  #isHidden(space: Space): boolean {
    const other = this.otherOf(space)
    return other !== undefined && this.#components.contacts.classOf(other) === 'blocked'
  }

  /** With a group of that name only a person of exactly that name is meant too. */
  #person(who: string, isGroup: boolean): { id: string; name: string } | undefined {
    try {
      const person = this.#components.contacts.resolve(who)
      return isGroup && fold(person.name) !== fold(who) ? undefined : person
    } catch (error) {
      if (isGroup) return undefined
      throw error
    }
  }
}

function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim()
}
