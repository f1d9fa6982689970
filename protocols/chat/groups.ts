import { readName, textToTwin, twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { refusing } from '../refusing.ts'
import type { Conversations, MemberItem } from './conversations.ts'

export interface GroupsComponents {
  readonly me: { readonly twin: Uint8Array }
  readonly spaces: Pick<Spaces, 'create' | 'addMember'>
}

/** Makes groups; the twin that made one decides who is in it. */
export class Groups {
  readonly #components: GroupsComponents
  readonly #conversations: Conversations
  readonly #myId: string

  constructor(components: GroupsComponents, conversations: Conversations) {
    this.#components = components
    this.#conversations = conversations
    this.#myId = twinToText(components.me.twin)
  }

  async create(
    wanted: string,
    members: readonly string[]
  ): Promise<{ id: string; name: string; members: MemberItem[] }> {
    const name = readName(wanted)
    if (name === undefined) {
      throw new ProtocolError(
        'InvalidArgument',
        'A group is called by one line of text, with something to be seen in it'
      )
    }
    if (this.#conversations.groupsNamed(name).length > 0) {
      throw new ProtocolError('AlreadyExists', `There is a group called ${name}`)
    }
    const ids = new Set(members.map(who => this.#conversations.contact(who).id))
    ids.delete(this.#myId)
    const twins = [...ids].map(id => textToTwin(id))
    const space = await refusing(this.#components.spaces.create({ kind: 'group', name, members: twins }))
    return { id: space.text, name: space.name, members: this.#conversations.membersOf(space) }
  }

  async add(space: Space, who: string): Promise<MemberItem> {
    if (space.kind !== 'group') throw new ProtocolError('FailedPrecondition', 'Only a group takes more members')
    if (twinToText(space.decider) !== this.#myId) {
      throw new ProtocolError('FailedPrecondition', 'Only the twin that made the group adds members')
    }
    const { id } = this.#conversations.contact(who)
    const twin = textToTwin(id)
    // Who was a member once keeps the number, and is none until added again
    if (!this.#conversations.membersOf(space).some(member => member.id === id))
      await refusing(this.#components.spaces.addMember(space, twin))
    const added = this.#conversations.membersOf(space).find(member => member.id === id)
    if (added === undefined) throw new ProtocolError('Unavailable', 'The group did not take the new member, try again')
    return added
  }
}
