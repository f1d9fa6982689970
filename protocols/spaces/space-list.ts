import { equals } from 'uint8arrays/equals'
import { nameOfSpace, readName, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import { type Role, type Space, SpaceError, type Spaces } from '../../crdt/index.ts'
import { type Implementation, ProtocolError } from '../core/index.ts'
import { findSpace, fold, type People, titleOf } from './find-space.ts'
import { type givenRoles, type MemberItem, maxSpaceNameBytes, type SpaceItem, type spacesProtocol } from './protocol.ts'

export interface SpacesComponents {
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly spaces: Pick<Spaces, 'list' | 'addMember' | 'removeMember' | 'rename' | 'accept' | 'isKeeper' | 'replica'>
  readonly contacts: People
}

type GivenRole = (typeof givenRoles)[number]

/** The spaces of a twin and who is in them, as its owner sees and changes them. */
export class SpaceList implements Implementation<typeof spacesProtocol> {
  readonly #components: SpacesComponents
  readonly #myId: string

  constructor(components: SpacesComponents) {
    this.#components = components
    this.#myId = twinToText(components.me.twin)
  }

  async *list(): AsyncGenerator<SpaceItem> {
    for (const space of this.#components.spaces.list()) yield this.#toItem(space)
  }

  async *members({ space }: { space: string }): AsyncGenerator<MemberItem> {
    yield* this.#membersOf(this.#find(space))
  }

  async add(request: { space: string; who: string; role?: GivenRole }): Promise<MemberItem> {
    const space = this.#findDecided(request.space)
    const person = this.#components.contacts.resolve(request.who)
    if (person.state !== 'contact') {
      throw new ProtocolError('FailedPrecondition', `${person.name} has to be a contact first`)
    }
    if (this.#membersOf(space).some(({ id }) => id === person.id)) {
      throw new ProtocolError('AlreadyExists', `${person.name} is a member already; change the role instead`)
    }
    return await this.#set(space, person.id, request.role ?? 'writer')
  }

  async remove(request: { space: string; who: string }): Promise<{ id: string; name: string; removed: boolean }> {
    const space = this.#findDecided(request.space)
    const { id, name } = this.#member(space, request.who)
    await refusing(this.#components.spaces.removeMember(space, textToTwin(id)))
    return { id, name, removed: true }
  }

  async setRole(request: { space: string; who: string; role: GivenRole }): Promise<MemberItem> {
    const space = this.#findDecided(request.space)
    return await this.#set(space, this.#member(space, request.who).id, request.role)
  }

  async rename(request: { space: string; name: string }): Promise<SpaceItem> {
    const space = this.#findDecided(request.space)
    if (space.kind !== 'group') {
      throw new ProtocolError('FailedPrecondition', 'A namespace keeps the name that values are read by')
    }
    const name = readName(request.name)
    if (name === undefined) {
      throw new ProtocolError(
        'InvalidArgument',
        'A group is called by one line of text, with something to be seen in it'
      )
    }
    if (new TextEncoder().encode(name).length > maxSpaceNameBytes) {
      throw new ProtocolError('InvalidArgument', `A name of a group takes at most ${maxSpaceNameBytes} bytes`)
    }
    const { spaces } = this.#components
    const isTaken = spaces
      .list()
      .some(other => other !== space && other.kind === 'group' && fold(nameOfSpace(other)) === fold(name))
    if (isTaken) throw new ProtocolError('AlreadyExists', `There is a group called ${name}`)
    await refusing(spaces.rename(space, name))
    return this.#toItem(space)
  }

  async accept({ space }: { space: string }): Promise<SpaceItem> {
    const found = this.#find(space)
    if (found.state === 'offered') await refusing(this.#components.spaces.accept(found.id))
    return this.#toItem(found)
  }

  async #set(space: Space, id: string, role: GivenRole): Promise<MemberItem> {
    await refusing(this.#components.spaces.addMember(space, textToTwin(id), role))
    const member = this.#membersOf(space).find(other => other.id === id)
    if (member === undefined) throw new ProtocolError('Unavailable', 'The space did not take the member, try again')
    return member
  }

  #find(text: string): Space {
    const { spaces, contacts } = this.#components
    return findSpace(text, spaces.list(), contacts, this.#myId)
  }

  /** A space of which this twin decides who is in it. */
  #findDecided(text: string): Space {
    const space = this.#find(text)
    if (space.kind === 'self') {
      throw new ProtocolError('FailedPrecondition', 'Your own space has your devices in it, and nobody else')
    }
    if (space.kind === 'direct') {
      throw new ProtocolError('FailedPrecondition', 'A conversation is between two: block a contact to end it')
    }
    if (!equals(space.decider, this.#components.me.twin)) {
      const name = this.#components.contacts.nameOf(twinToText(space.decider))
      throw new ProtocolError('FailedPrecondition', `${name} made it and decides who is in it`)
    }
    return space
  }

  #member(space: Space, who: string): MemberItem {
    const members = this.#membersOf(space)
    const wanted = fold(who)
    const readings: ((member: MemberItem) => boolean)[] = [
      ({ id }) => id === who.trim(),
      ({ name }) => name !== '' && fold(name) === wanted,
      // The beginning that all ids share says nothing
      ({ id }) => who.length > 8 && id.startsWith(who)
    ]
    for (const reading of readings) {
      const [first, ...more] = members.filter(reading)
      if (more.length > 0) {
        const named = [first!, ...more].slice(0, 4).map(({ name, id }) => `${name} (${id.slice(-8)})`)
        throw new ProtocolError('FailedPrecondition', `Several fit: ${named.join(', ')}; name one by its twin id`)
      }
      if (first?.role === 'owner') {
        throw new ProtocolError('FailedPrecondition', 'The twin that made a space stays its owner')
      }
      if (first !== undefined) return first
    }
    throw new ProtocolError('NotFound', 'No member of this space is called this')
  }

  #membersOf(space: Space): MemberItem[] {
    const { me, spaces, contacts } = this.#components
    const heads = spaces.replica.space(space.id)?.frontier() ?? []
    const seq = heads.find(([twin, device]) => device === me.device && equals(twin, me.twin))?.[2]
    const twins = seq === undefined ? [] : space.delivery({ twin: me.twin, device: me.device, seq }).twins
    return space.members().map(({ number, twin, role }) => {
      const id = twinToText(twin)
      const delivered = twins.find(other => equals(other.twin, twin))?.delivered
      const name = id === this.#myId ? '' : contacts.nameOf(id)
      return { number, id, name, role, ...(id !== this.#myId && delivered !== undefined && { delivered }) }
    })
  }

  #toItem(space: Space): SpaceItem {
    const { me, spaces, contacts } = this.#components
    const members = space.members()
    const role: Role | undefined = members.find(({ twin }) => equals(twin, me.twin))?.role
    const { logs, unread } = space.review()
    const isRemoved = role === undefined && space.state === 'open'
    return {
      id: space.text,
      kind: space.kind,
      name: titleOf(space, contacts, this.#myId),
      state: isRemoved ? 'removed' : space.state,
      ...(role !== undefined && { role }),
      keeper: spaces.isKeeper(space),
      members: members.length,
      held: logs.reduce((sum, log) => sum + log.rejected + log.held + log.waiting, 0),
      cut: logs.reduce((sum, log) => sum + log.cut, 0),
      unread: unread.length
    }
  }
}

/** The sentences of spaces are written for owners, and only the owner calls. */
async function refusing<T>(change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (cause) {
    // What cannot be, such as a replica that is to write
    if (cause instanceof RangeError) throw new ProtocolError('FailedPrecondition', cause.message, { cause })
    if (!(cause instanceof SpaceError)) throw cause
    const isFull = cause.code === 'fenced' || cause.code === 'stopped'
    throw new ProtocolError(isFull ? 'Unavailable' : 'FailedPrecondition', cause.message, { cause })
  }
}
