import { equals } from 'uint8arrays/equals'
import type { Role, Space, Spaces } from '../crdt/index.ts'
import { SpaceError } from '../crdt/index.ts'

/**
 * The spaces as capabilities in a page see them: a browser decides about no space, so it makes none and changes no members. That is
 * asked of the twin, whose nodes keep the lists.
 */
export class PageSpaces
  implements Pick<Spaces, 'self' | 'list' | 'direct' | 'create' | 'accept' | 'addMember' | 'isKeeper' | 'rename' | 'on'>
{
  readonly #spaces: Spaces

  constructor(spaces: Spaces) {
    this.#spaces = spaces
  }

  get self(): Space {
    return this.#spaces.self
  }

  list(): Space[] {
    return this.#spaces.list()
  }

  /** The conversation with a contact once a node of either twin has made it. */
  async direct(twin: Uint8Array): Promise<Space | undefined> {
    return this.#spaces
      .list()
      .find(space => space.kind === 'direct' && space.members().some(member => equals(member.twin, twin)))
  }

  accept(id: Uint8Array): Promise<Space> {
    return this.#spaces.accept(id)
  }

  async create(): Promise<Space> {
    throw notHere()
  }

  async addMember(_space: Space, _twin: Uint8Array, _role?: Role): Promise<void> {
    throw notHere()
  }

  isKeeper(_space: Space): boolean {
    return false
  }

  async rename(_space: Space, _name: string): Promise<void> {
    throw notHere()
  }

  on: Spaces['on'] = (event, listener) => this.#spaces.on(event, listener)
}

function notHere(): SpaceError {
  return new SpaceError('not-keeper', 'Only a node of the twin makes spaces and changes their members')
}
