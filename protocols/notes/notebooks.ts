import { nameOfSpace, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import { refusing } from '../refusing.ts'
import { notesPolicy } from './document-kind.ts'
import { checkName, findByName } from './notebook-name.ts'
import { defaultNotebook, type Notebook, type NotebookMember } from './protocol.ts'

/** What notes ask the contact list; `Contacts` is one. */
export interface People {
  /** @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit */
  resolve(who: string): { readonly id: string; readonly name: string; readonly state: string }
  nameOf(twin: string): string
}

export interface NotebooksComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'create' | 'accept' | 'addMember' | 'rename' | 'on'>
  readonly contacts: People
}

const maxListedMembers = 64

/** Notebooks: spaces of their own, found by name or id. */
export class Notebooks {
  readonly #components: NotebooksComponents
  readonly #myId: string
  #making: Promise<Space> | undefined

  constructor(components: NotebooksComponents) {
    this.#components = components
    this.#myId = twinToText(components.me.twin)
  }

  /** Those that are open, own ones first, in the order of their names. */
  open(): Space[] {
    return this.#all().filter(({ state }) => state === 'open')
  }

  async *offers(): AsyncGenerator<{ id: string; name: string; from: string }> {
    for (const space of this.#all()) {
      if (space.state !== 'offered' || (await this.#declined.get(space.text)) !== undefined) continue
      yield { id: space.text, name: this.nameOf(space), from: twinToText(space.decider) }
    }
  }

  /** @throws {ProtocolError} */
  find(text: string): Space {
    return findByName(this.open(), text, space => this.nameOf(space))
  }

  /** The notebook for notes of which nobody said where they belong. */
  async default(): Promise<Space> {
    const own = this.open().find(space => this.#isMine(space) && space.name === defaultNotebook)
    if (own !== undefined) return own
    this.#making ??= this.#create(defaultNotebook).finally(() => {
      this.#making = undefined
    })
    return await this.#making
  }

  create(name: string): Promise<Space> {
    this.#checkIsFree(name)
    return this.#create(name)
  }

  async rename(text: string, name: string): Promise<Space> {
    const space = this.#mine(text)
    this.#checkIsFree(name, space)
    await refusing(this.#components.spaces.rename(space, checkName(name)))
    return space
  }

  async share(text: string, who: string): Promise<Space> {
    const space = this.#mine(text)
    const { contacts, spaces } = this.#components
    const person = contacts.resolve(who)
    if (person.state !== 'contact') {
      throw new ProtocolError('FailedPrecondition', `${person.name} has to be a contact before you can share with them`)
    }
    const isMember = space.members().some(({ twin }) => twinToText(twin) === person.id)
    if (!isMember) await refusing(spaces.addMember(space, textToTwin(person.id)))
    return space
  }

  /** One that was accepted before is given once more: whoever lost the answer asks again. */
  async accept(text: string): Promise<Space> {
    const received = [...this.#offered(), ...this.open().filter(space => !this.#isMine(space))]
    const space = findByName(received, text, each => this.nameOf(each))
    const accepted = await refusing(this.#components.spaces.accept(space.id))
    await refusing(this.#declined.delete(space.text))
    return accepted
  }

  async decline(text: string): Promise<Space> {
    const space = findByName(this.#offered(), text, offered => this.nameOf(offered))
    await refusing(this.#declined.put(space.text, new Uint8Array()))
    return space
  }

  /** What `find` takes. */
  nameOf(space: Space): string {
    if (this.#isMine(space)) return nameOfSpace(space)
    return `${this.#components.contacts.nameOf(twinToText(space.decider))}/${nameOfSpace(space)}`
  }

  membersOf(space: Space): NotebookMember[] {
    return space.members().map(({ twin, role }) => {
      const id = twinToText(twin)
      return { id, role, name: id === this.#myId ? '' : this.#components.contacts.nameOf(id) }
    })
  }

  describe(space: Space, notes: number, writable: boolean): Notebook {
    const members = this.membersOf(space).filter(({ id }) => id !== this.#myId)
    const kind = !this.#isMine(space) ? 'received' : members.length > 0 ? 'shared' : 'private'
    const name = this.nameOf(space)
    return { id: space.text, name, kind, writable, notes, members: members.slice(0, maxListedMembers) }
  }

  on(listener: () => void): () => void {
    const { spaces } = this.#components
    const stops = [spaces.on('offer', listener), spaces.on('open', listener), spaces.on('change', listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #all(): Space[] {
    const spaces = this.#components.spaces
      .list()
      .filter(({ kind, policy }) => kind === 'shared' && policy === notesPolicy)
    const order = (space: Space) => `${this.#isMine(space) ? 0 : 1}${nameOfSpace(space)}/${space.text}`
    return spaces.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  }

  #offered(): Space[] {
    return this.#all().filter(({ state }) => state === 'offered')
  }

  #mine(text: string): Space {
    const space = this.find(text)
    if (this.#isMine(space)) return space
    throw new ProtocolError('FailedPrecondition', 'Only whoever made a notebook renames it and shares it with others')
  }

  async #create(text: string): Promise<Space> {
    const name = checkName(text)
    try {
      const init = { kind: 'shared', policy: notesPolicy, name, members: [] } as const
      return await refusing(this.#components.spaces.create(init))
    } catch (cause) {
      if (cause instanceof ProtocolError) throw cause
      // A browser administers nothing
      throw new ProtocolError('FailedPrecondition', 'Notebooks are made on a node of yours, not on this device', {
        cause
      })
    }
  }

  #checkIsFree(name: string, except?: Space): void {
    const isTaken = this.open().some(
      space => space !== except && this.#isMine(space) && this.nameOf(space) === checkName(name)
    )
    if (isTaken) throw new ProtocolError('AlreadyExists', 'A notebook of yours has this name')
  }

  #isMine({ decider }: Space): boolean {
    return twinToText(decider) === this.#myId
  }

  /** Offers that the owner does not want to see, on any of their devices. */
  get #declined(): KeyValue {
    return keyValue(this.#components.spaces.self, '.notebooks')
  }
}
