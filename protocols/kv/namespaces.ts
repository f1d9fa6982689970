import { equals } from 'uint8arrays/equals'
import { nameOfSpace, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import type { KeyValue } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import { textToAddress } from './address.ts'
import { noting } from './content.ts'
import { OwnNamespaces, type OwnNamespacesComponents } from './own-namespaces.ts'
import { defaultNamespace } from './protocol.ts'
import { type ReceivedAddress, ReceivedNamespaces } from './received-namespaces.ts'
import { sharedContent } from './shared-content.ts'

/** What kv asks the contact list; `Contacts` is one. */
export interface People {
  /** @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit */
  resolve(who: string): { readonly id: string; readonly name: string; readonly state: string }
  nameOf(twin: string): string
}

export interface NamespacesComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'create' | 'accept' | 'addMember' | 'isKeeper' | 'on'>
  readonly contacts: People
}

export interface NamespacesInit {
  /** Milliseconds to wait for the first content of a namespace that was just accepted */
  readonly firstSyncMs?: number
  /** Milliseconds to wait for the offer itself, which may be on its way */
  readonly offerMs?: number
}

export interface Member {
  readonly id: string
  readonly name: string
}

export interface Namespace {
  readonly name: string
  readonly kind: 'private' | 'shared' | 'received'
  readonly members: Member[]
}

const maxListedMembers = 64

/** Finds what is behind a name: something of this twin's, or something of another's, accepted when it is first named. */
export class Namespaces {
  readonly #components: NamespacesComponents
  readonly #own: OwnNamespaces
  readonly #received: ReceivedNamespaces
  readonly #myId: string

  constructor(components: NamespacesComponents, init: NamespacesInit = {}) {
    const { spaces, me } = components
    const { firstSyncMs = 10_000, offerMs = 5000 } = init
    this.#components = components
    this.#myId = twinToText(me.twin)
    const isMine = (space: Space) => isNamespace(space) && this.#isMine(space)
    const isReceived = (space: Space) => isNamespace(space) && !this.#isMine(space)
    const onSpaces: OwnNamespacesComponents['onSpaces'] = listener => this.#onSpaces(listener)
    this.#own = new OwnNamespaces({ me, spaces, isMine, onSpaces }, firstSyncMs)
    this.#received = new ReceivedNamespaces({ me, spaces, isReceived, onSpaces }, { firstSyncMs, offerMs })
  }

  start(): void {
    this.#own.start()
    this.#received.start()
  }

  /** When all that is known here was put where it belongs. */
  async settled(): Promise<void> {
    await Promise.all([this.#own.settled(), this.#received.settled()])
  }

  async stop(): Promise<void> {
    await this.#own.stop()
    await this.#received.stop()
  }

  /** Lets `action` write to what is behind a name; a namespace is not moved between the two. */
  async write<T>(text: string | undefined, action: (table: KeyValue) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { own, received } = this.#find(text)
    if (received !== undefined) return await action(noting(sharedContent(await this.#received.find(received, signal))))
    let content = await this.#own.open(own, 'write')
    while (this.#own.isMoving(own)) content = await this.#own.open(own, 'write')
    return await this.#own.writing(own, action(noting(content)))
  }

  async read(text: string | undefined, signal?: AbortSignal): Promise<KeyValue> {
    const { own, received } = this.#find(text)
    if (received !== undefined) return sharedContent(await this.#received.find(received, signal)).entries
    return (await this.#own.open(own, 'read')).entries
  }

  async *list(): AsyncGenerator<Namespace> {
    yield await this.#describe(defaultNamespace)
    for await (const name of this.#own.names()) if (name !== defaultNamespace) yield await this.#describe(name)
    for await (const space of this.#received.open()) {
      yield { name: this.#receivedName(space), kind: 'received', members: this.#membersOf(space) }
    }
  }

  *offers(): Generator<{ name: string; from: string }> {
    for (const space of this.#received.offered()) {
      yield { name: this.#receivedName(space), from: twinToText(space.decider) }
    }
  }

  async accept(text: string, signal: AbortSignal): Promise<{ name: string; from: string }> {
    const { received } = this.#find(text)
    if (received === undefined) throw new ProtocolError('InvalidArgument', 'Say who shares it: WHO/NAME')
    const space = await this.#received.find(received, signal)
    return { name: this.#receivedName(space), from: twinToText(space.decider) }
  }

  async share(text: string, who: string): Promise<{ name: string; members: Member[] }> {
    const { own, received } = this.#find(text)
    if (received !== undefined) {
      throw new ProtocolError('FailedPrecondition', 'Only whoever made a namespace shares it with others')
    }
    const person = this.#components.contacts.resolve(who)
    if (person.state !== 'contact') {
      throw new ProtocolError('FailedPrecondition', `${person.name} has to be a contact before you can share with them`)
    }
    const space = await this.#own.share(own)
    const isMember = this.#membersOf(space).some(({ id }) => id === person.id)
    if (!isMember) await this.#components.spaces.addMember(space, textToTwin(person.id))
    return { name: own, members: this.#membersOf(space) }
  }

  #find(text: string | undefined): { own: string; received?: ReceivedAddress } {
    const { who, name } = textToAddress(text)
    if (who === undefined || who === this.#myId) return { own: name }
    return { own: name, received: { twin: this.#components.contacts.resolve(who).id, name, who } }
  }

  async #describe(name: string): Promise<Namespace> {
    const space = await this.#own.sharedAs(name)
    if (space === undefined) return { name, kind: 'private', members: [] }
    return { name, kind: 'shared', members: this.#membersOf(space) }
  }

  #receivedName(space: Space): string {
    return `${this.#components.contacts.nameOf(twinToText(space.decider))}/${nameOfSpace(space)}`
  }

  #isMine(space: Space): boolean {
    return equals(space.decider, this.#components.me.twin)
  }

  #membersOf(space: Space): Member[] {
    const ids = space.members().map(({ twin }) => twinToText(twin))
    const others = ids.filter(id => id !== this.#myId).slice(0, maxListedMembers)
    return others.map(id => ({ id, name: this.#components.contacts.nameOf(id) }))
  }

  #onSpaces(listener: (detail: { space: Space }) => void): () => void {
    const { spaces } = this.#components
    const stops = [spaces.on('offer', listener), spaces.on('open', listener), spaces.on('change', listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }
}

/** What is shared for another purpose, such as notes, is not listed among the values. */
function isNamespace({ kind, policy }: Space): boolean {
  return kind === 'shared' && policy === ''
}
