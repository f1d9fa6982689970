import { decode, encode } from '../../crdt/crypto/index.ts'
import { textToTwin, twinToText } from '../../crdt/identity/index.ts'
import { type KeyValue, keyValue, type Space, type Spaces } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { type Address, textToAddress } from './address.ts'
import { deleteEntries, moveEntries } from './move-entries.ts'
import { defaultNamespace } from './protocol.ts'
import { until } from './until.ts'

/** What kv asks the contact list; `Contacts` is one. */
export interface People {
  /** @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit */
  resolve(who: string): { readonly id: string; readonly name: string; readonly state: string }
  nameOf(twin: string): string
}

export interface NamespacesComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'get' | 'create' | 'accept' | 'addMember' | 'on'>
  readonly contacts: People
}

export interface NamespacesInit {
  /** Milliseconds to wait for the first content of a namespace that was just accepted */
  readonly firstSyncMs?: number
  /** Milliseconds to wait for the offer itself, which may be on its way */
  readonly offerMs?: number
}

export interface Namespace {
  readonly name: string
  readonly kind: 'private' | 'shared' | 'received'
  readonly members: { id: string; name: string }[]
}

/** Inside a shared space the entries stand under this name. */
const inside = 'default'
/** Beside them stands that all entries are in, after the last of them in the maker's log and so in everybody's. */
const aboutShare = '.share'
const wholeKey = 'whole'
const maxListedMembers = 64

/** Finds the space behind a name, makes it when it is first shared, and accepts it when it is first named. */
export class Namespaces {
  readonly #components: NamespacesComponents
  readonly #firstSyncMs: number
  readonly #offerMs: number
  readonly #myId: string
  /** Namespaces that were ever written to, and for shared ones the space: rows that all devices see */
  readonly #registry: KeyValue
  readonly #known = new Set<string>()
  readonly #open = new Map<string, Promise<KeyValue>>()
  readonly #moving = new Map<string, Promise<Space>>()
  readonly #writing = new Map<string, Set<Promise<unknown>>>()

  constructor(components: NamespacesComponents, init: NamespacesInit = {}) {
    this.#components = components
    this.#firstSyncMs = init.firstSyncMs ?? 10_000
    this.#offerMs = init.offerMs ?? 5000
    this.#myId = twinToText(components.me.twin)
    this.#registry = keyValue(components.spaces.self, '.namespaces')
  }

  /** Lets `action` write to what is behind a name; a namespace is not shared between the two. */
  async write<T>(text: string | undefined, action: (table: KeyValue) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const name = text ?? defaultNamespace
    let table = await this.open(text, 'write', signal)
    while (this.#moving.has(name)) table = await this.open(text, 'write', signal)
    const writing = action(table)
    const current = this.#writing.get(name) ?? new Set()
    this.#writing.set(name, current)
    current.add(writing)
    try {
      return await writing
    } finally {
      current.delete(writing)
      if (current.size === 0) this.#writing.delete(name)
    }
  }

  /** The entries behind a name. Own namespaces come into being when they are first written to. */
  open(text: string | undefined, intent: 'read' | 'write', signal?: AbortSignal): Promise<KeyValue> {
    const key = `${intent} ${text ?? defaultNamespace}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const opening = this.#find(textToAddress(text), intent, signal)
    this.#open.set(key, opening)
    // A petname may come to mean somebody else, so only own namespaces are remembered
    const forget = () => this.#open.delete(key)
    opening.then(() => text?.includes('/') && forget(), forget)
    return opening
  }

  async *list(): AsyncGenerator<Namespace> {
    yield { name: defaultNamespace, ...(await this.#own(defaultNamespace)) }
    for await (const { key } of this.#registry.list({ prefix: '' })) {
      if (key !== defaultNamespace) yield { name: key, ...(await this.#own(key)) }
    }
    for (const space of this.#received('open')) {
      yield { name: this.#receivedName(space), kind: 'received', members: this.#membersOf(space) }
    }
  }

  *offers(): Generator<{ name: string; from: string }> {
    for (const space of this.#received('offered')) {
      yield { name: this.#receivedName(space), from: twinToText(space.decider) }
    }
  }

  async accept(text: string, signal: AbortSignal): Promise<{ name: string; from: string }> {
    const space = await this.#findReceived(this.#receivedAddress(text), signal)
    return { name: this.#receivedName(space), from: twinToText(space.decider) }
  }

  async share(text: string, who: string): Promise<{ name: string; members: { id: string; name: string }[] }> {
    const address = textToAddress(text)
    if (address.who !== undefined) {
      throw new ProtocolError('FailedPrecondition', 'Only whoever made a namespace shares it with others')
    }
    const person = this.#components.contacts.resolve(who)
    if (person.state !== 'contact') {
      throw new ProtocolError('FailedPrecondition', `${person.name} has to be a contact before you can share with them`)
    }
    const space = await this.#shared(address.name)
    const twin = textToTwin(person.id)
    if (!this.#membersOf(space).some(({ id }) => id === person.id)) await this.#components.spaces.addMember(space, twin)
    return { name: address.name, members: this.#membersOf(space) }
  }

  async #find({ who, name }: Address, intent: 'read' | 'write', signal?: AbortSignal): Promise<KeyValue> {
    if (who !== undefined) {
      const address = this.#receivedAddress(`${who}/${name}`)
      if (address.twin !== this.#myId) return keyValue(await this.#findReceived(address, signal), inside)
    }
    const shared = await this.#existingShare(name)
    if (shared !== undefined) return keyValue(shared, inside)
    if (intent === 'write' && !this.#known.has(name)) {
      const row = await this.#registry.get(name)
      if (row === undefined) await this.#registry.put(name, encode({}), { kind: 'bytes' })
      this.#known.add(name)
    }
    return keyValue(this.#components.spaces.self, name)
  }

  /** The space of an own namespace that is shared already, its entries all in it. */
  async #existingShare(name: string): Promise<Space | undefined> {
    const moving = this.#moving.get(name)
    if (moving !== undefined) return await moving
    const row = await this.#row(name)
    if (row.space === undefined) return undefined
    return row.moved ? await this.#spaceOf(row.space) : await this.#shared(name)
  }

  /** Makes an own namespace a space of its own. Every step can be repeated, so a crash between two of them loses nothing. */
  async #shared(name: string): Promise<Space> {
    const running = this.#moving.get(name)
    if (running !== undefined) return await running
    const moving = this.#move(name).finally(() => this.#moving.delete(name))
    this.#moving.set(name, moving)
    // Calls that begin from now on wait for the move
    this.#open.delete(`read ${name}`)
    this.#open.delete(`write ${name}`)
    return await moving
  }

  async #move(name: string): Promise<Space> {
    const { spaces } = this.#components
    const row = await this.#row(name)
    if (row.space !== undefined && row.moved) return await this.#spaceOf(row.space)
    // A crash may have come between making the space and writing its row
    const made = spaces.list().find(space => this.#isMine(space) && space.name === name)
    const space =
      row.space !== undefined
        ? await this.#spaceOf(row.space)
        : (made ?? (await spaces.create({ kind: 'shared', name, members: [] })))
    await this.#registry.put(name, encode({ space: space.text }), { kind: 'bytes' })
    await Promise.allSettled(this.#writing.get(name) ?? [])
    // Nobody else is a member yet, so nothing in there can be newer than what is moved
    const source = keyValue(spaces.self, name)
    await moveEntries(source, keyValue(space, inside))
    await keyValue(space, aboutShare).put(wholeKey, new Uint8Array())
    await this.#registry.put(name, encode({ space: space.text, moved: true }), { kind: 'bytes' })
    await deleteEntries(source)
    return space
  }

  async #row(name: string): Promise<{ space?: string; moved: boolean }> {
    const entry = await this.#registry.get(name)
    if (entry === undefined) return { moved: false }
    this.#known.add(name)
    // Written above, by one of the owner's devices
    const { space, moved } = decode(entry.value) as { space?: string; moved?: boolean }
    return { space, moved: moved === true }
  }

  async #spaceOf(text: string): Promise<Space> {
    const { spaces } = this.#components
    const find = () => spaces.list().find(space => space.text === text)
    const space = await until(find, listener => this.#onSpaces(listener), this.#firstSyncMs)
    if (space === undefined) throw new ProtocolError('Unavailable', 'This namespace has not arrived on this device yet')
    return space
  }

  async #own(name: string): Promise<Omit<Namespace, 'name'>> {
    const { space } = await this.#row(name)
    const shared = this.#components.spaces.list().find(({ text }) => text === space)
    return shared === undefined
      ? { kind: 'private', members: [] }
      : { kind: 'shared', members: this.#membersOf(shared) }
  }

  #receivedAddress(text: string): { twin: string; name: string; who: string } {
    const { who, name } = textToAddress(text)
    if (who === undefined) throw new ProtocolError('InvalidArgument', 'Say who shares it: WHO/NAME')
    return { twin: who === this.#myId ? who : this.#components.contacts.resolve(who).id, name, who }
  }

  async #findReceived(
    { twin, name, who }: { twin: string; name: string; who: string },
    signal?: AbortSignal
  ): Promise<Space> {
    const find = () => {
      const spaces = [...this.#received('open'), ...this.#received('offered')]
      return spaces.find(space => space.name === name && twinToText(space.decider) === twin)
    }
    const space = await until(find, listener => this.#onSpaces(listener), this.#offerMs, signal)
    if (space === undefined) throw new ProtocolError('NotFound', `${who} shares no namespace ${name} with you`)
    if (space.state === 'offered') {
      await this.#components.spaces.accept(space.id)
      await this.#firstSync(space, signal)
    }
    return space
  }

  /** Waits until what was there when it was shared has arrived, so that the first `get` does not say that nothing is. */
  async #firstSync(space: Space, signal?: AbortSignal): Promise<void> {
    const isWhole = async () => (space.state === 'open' ? await keyValue(space, aboutShare).get(wholeKey) : undefined)
    await until(isWhole, listener => this.#onContent(space, listener), this.#firstSyncMs, signal)
  }

  #received(state: Space['state']): Space[] {
    const spaces = this.#components.spaces.list()
    const found = spaces.filter(space => space.kind === 'shared' && space.state === state && !this.#isMine(space))
    // The same one on every device, should somebody share two under one name
    return found.sort((a, b) => (a.text < b.text ? -1 : 1))
  }

  #receivedName(space: Space): string {
    return `${this.#components.contacts.nameOf(twinToText(space.decider))}/${space.name}`
  }

  #isMine(space: Space): boolean {
    return space.kind === 'shared' && twinToText(space.decider) === this.#myId
  }

  #membersOf(space: Space): { id: string; name: string }[] {
    const ids = space.members().map(({ twin }) => twinToText(twin))
    const others = ids.filter(id => id !== this.#myId).slice(0, maxListedMembers)
    return others.map(id => ({ id, name: this.#components.contacts.nameOf(id) }))
  }

  #onContent(space: Space, listener: () => void): () => void {
    const stops = [this.#onSpaces(listener), space.on('rows', listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #onSpaces(listener: () => void): () => void {
    const { spaces } = this.#components
    const stops = [spaces.on('offer', listener), spaces.on('open', listener), spaces.on('change', listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }
}
