import type { Blobs } from '../../crdt/blobs/index.ts'
import type { Crypto } from '../../crdt/crypto/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import type { Spaces } from '../../crdt/index.ts'
import { keyValue } from '../../crdt/key-value/index.ts'
import {
  type CallContext,
  type Clock,
  type Implementation,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock
} from '../core/index.ts'
import type { Conversation } from './conversation.ts'
import { Conversations, type People, type Place } from './conversations.ts'
import { follow } from './follow.ts'
import type { FollowItem } from './follower.ts'
import { Groups } from './groups.ts'
import { type ConversationItem, listConversations } from './list-conversations.ts'
import { Outbox, type Queued } from './outbox.ts'
import { Presence } from './presence.ts'
import type { ChatMessage, chatProtocol } from './protocol.ts'
import { checkText, type Draft, Sender, type Sent, toSent } from './sender.ts'
import { type OpenedMarks, type RawMessage, toChatMessage } from './view-message.ts'

export interface ChatComponents {
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'direct' | 'create' | 'accept' | 'addMember' | 'on'>
  readonly contacts: People
  readonly crypto: Pick<Crypto, 'randomBytes'>
  readonly blobs: Pick<Blobs, 'hold'>
  readonly log?: Logger
}

export interface ChatInit {
  /** Milliseconds since 1970, for what messages say about when they were written */
  readonly now?: () => number
  readonly clock?: Clock
}

const defaultLimit = 50

/** Conversations with contacts and groups. */
export class Chat implements Implementation<typeof chatProtocol> {
  readonly #components: ChatComponents
  readonly #now: () => number
  readonly #clock: Clock
  readonly #log: Logger
  readonly #conversations: Conversations
  readonly #groups: Groups
  readonly #outbox: Outbox
  readonly #myId: string
  readonly #presence: Presence
  readonly #sender: Sender

  constructor(components: ChatComponents, init: ChatInit = {}) {
    this.#components = components
    this.#now = init.now ?? Date.now
    this.#clock = init.clock ?? systemClock
    this.#log = components.log ?? silentLogger
    this.#myId = twinToText(components.me.twin)
    this.#conversations = new Conversations(components, this.#now)
    this.#groups = new Groups(components, this.#conversations)
    this.#presence = new Presence(components.me.device, this.#now)
    this.#outbox = new Outbox(keyValue(components.spaces.self, '.outbox'), components.me.device)
    const parts = { conversations: this.#conversations, outbox: this.#outbox, now: this.#now, clock: this.#clock }
    this.#sender = new Sender(components, { ...parts, log: this.#log })
  }

  start(): Promise<void> {
    return this.#sender.start()
  }

  async stop(): Promise<void> {
    await this.#sender.stop()
    this.#presence.stop()
    this.#conversations.close()
  }

  async send({ who, ...message }: { who: string } & Draft): Promise<Sent> {
    return await this.#sender.send(await this.#conversations.find(who), message)
  }

  reply({ who, id, text, key }: { who: string; id: string; text: string; key?: string }): Promise<Sent> {
    return this.send({ who, text, replyTo: id, key })
  }

  async *sendMany({ who }: { who: string }, incoming: AsyncIterable<Draft>): AsyncGenerator<Sent> {
    yield* this.#sender.sendMany(await this.#conversations.find(who), incoming)
  }

  async edit({ who, id, text }: { who: string; id: string; text: string }): Promise<Sent> {
    checkText(text)
    const conversation = await this.#opened(who)
    return toSent(conversation, await conversation.edit(id, text))
  }

  async delete({ who, id }: { who: string; id: string }): Promise<Sent> {
    const conversation = await this.#opened(who)
    return toSent(conversation, await conversation.delete(id))
  }

  async react(request: { who: string; id: string; emoji: string; remove?: boolean }): Promise<Sent> {
    const { who, id, emoji, remove = false } = request
    if (!emoji.isWellFormed()) throw new ProtocolError('InvalidArgument', 'A reaction is well-formed text')
    const conversation = await this.#opened(who)
    return toSent(conversation, await conversation.react(id, emoji, !remove))
  }

  async *history(
    {
      who,
      limit = defaultLimit,
      before,
      peek = false
    }: { who: string; limit?: number; before?: string; peek?: boolean },
    { caller }: Pick<CallContext, 'caller'>
  ): AsyncGenerator<ChatMessage> {
    const place = await this.#conversations.find(who)
    const conversation = await this.#conversations.open(place)
    // So that nothing is shown in both places or in neither
    if (place.twin !== undefined && conversation !== undefined) await this.#outbox.settled(place.twin, conversation)
    const queued: Queued[] = []
    if (before === undefined && place.twin !== undefined) {
      for await (const message of this.#outbox.list(place.twin)) queued.push(message)
    }
    const waiting = queued.slice(-limit)
    if (conversation !== undefined && waiting.length < limit) {
      const page = await conversation.transcript.page(limit - waiting.length, before)
      if (caller.class === 'owner' && !peek) await conversation.open(page)
      const marks = await conversation.transcript.marks()
      for (const message of page) yield this.#show(conversation, message, marks)
    } else if (before !== undefined && conversation === undefined) {
      throw new ProtocolError('NotFound', 'No message with this id in the conversation')
    }
    for (const message of waiting) yield this.#showQueued(place, message)
  }

  async *follow(
    { who, peek = false }: { who?: string; peek?: boolean },
    { caller, signal }: Pick<CallContext, 'caller' | 'signal'>
  ): AsyncGenerator<FollowItem> {
    const place = who === undefined ? undefined : await this.#conversations.find(who)
    const opens = caller.class === 'owner' && !peek
    const { contacts, spaces } = this.#components
    const nameOf = (twin: string) => contacts.nameOf(twin)
    const init = { nameOf, clock: this.#clock, opens, log: this.#log }
    yield* follow({ conversations: this.#conversations, spaces, place, init }, signal)
  }

  async typing({ who, typing = true }: { who: string; typing?: boolean }): Promise<object> {
    const conversation = await this.#conversations.open(await this.#conversations.find(who))
    // While there is no conversation nobody could see it
    if (conversation !== undefined) this.#presence.show(conversation.space, typing)
    return {}
  }

  async read({ who, id }: { who: string; id?: string }): Promise<{ unread: number }> {
    const conversation = await this.#conversations.open(await this.#conversations.find(who))
    if (conversation === undefined) return { unread: 0 }
    await conversation.openUpTo(id)
    return { unread: await conversation.transcript.unread() }
  }

  conversations(): AsyncGenerator<ConversationItem> {
    return listConversations(this.#conversations, this.#outbox, twin => this.#components.contacts.nameOf(twin))
  }

  createGroup({ name, members }: { name: string; members: string[] }) {
    return this.#groups.create(name, members)
  }

  async addMember({ group, who }: { group: string; who: string }) {
    const { space } = await this.#opened(group)
    return await this.#groups.add(space, who)
  }

  async *members({ who }: { who: string }) {
    const place = await this.#conversations.find(who)
    const conversation = await this.#conversations.open(place)
    if (conversation !== undefined) yield* this.#conversations.membersOf(conversation.space)
    else if (place.twin !== undefined) yield { id: place.twin, name: place.name, role: 'writer' as const }
  }

  /** A conversation that exists; what only waits to be sent cannot be changed. */
  async #opened(who: string): Promise<Conversation> {
    const place = await this.#conversations.find(who)
    const conversation = await this.#conversations.open(place)
    if (conversation === undefined) {
      throw new ProtocolError('FailedPrecondition', `The conversation with ${place.name} has not begun yet`)
    }
    // What was acknowledged while there was none is to be found in it
    if (place.twin !== undefined) await this.#outbox.settled(place.twin, conversation)
    return conversation
  }

  #show({ space }: Conversation, message: RawMessage, marks: OpenedMarks): ChatMessage {
    return toChatMessage(space, message, marks, twin => this.#components.contacts.nameOf(twin))
  }

  #showQueued(place: Place, { id, text, at, replyTo }: Queued): ChatMessage {
    const shown = { id, conversation: place.twin!, from: this.#myId, name: '', text, at, state: 'saved' as const }
    return { ...shown, ...(replyTo !== undefined && { replyTo }) }
  }
}
