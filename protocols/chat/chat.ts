import type { Crypto } from '../../crdt/crypto/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
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
import type { Conversation, NewMessage } from './conversation.ts'
import { Conversations, type People, type Place } from './conversations.ts'
import { documentOf } from './document-kind.ts'
import { Follower, type FollowItem } from './follower.ts'
import { Groups } from './groups.ts'
import { type ConversationItem, listConversations } from './list-conversations.ts'
import { Outbox, type Queued } from './outbox.ts'
import { type ChatMessage, type chatProtocol, type DeliveryState, maxTextBytes } from './protocol.ts'
import { TypingPresence } from './typing.ts'
import { newUlid } from './ulid.ts'
import { type RawMessage, stateOf, toChatMessage } from './view-message.ts'

export interface ChatComponents {
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly spaces: Pick<Spaces, 'self' | 'list' | 'direct' | 'create' | 'accept' | 'addMember' | 'on'>
  readonly contacts: People
  readonly crypto: Pick<Crypto, 'randomBytes'>
  readonly log?: Logger
}

export interface ChatInit {
  /** Milliseconds since 1970, for what messages say about when they were written */
  readonly now?: () => number
  readonly clock?: Clock
}

interface Sent {
  readonly id: string
  readonly state: DeliveryState
  readonly at: number
}

const defaultLimit = 50
/** Texts of one `sendMany` that are being stored at once: they share entries and disk syncs. */
const maxSending = 256

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
  readonly #presence = new Map<string, TypingPresence>()
  readonly #stops: (() => void)[] = []
  readonly #flushing = new Set<Promise<void>>()

  constructor(components: ChatComponents, init: ChatInit = {}) {
    this.#components = components
    this.#now = init.now ?? Date.now
    this.#clock = init.clock ?? systemClock
    this.#log = components.log ?? silentLogger
    this.#myId = twinToText(components.me.twin)
    this.#conversations = new Conversations(components, this.#now)
    this.#groups = new Groups(components, this.#conversations)
    this.#outbox = new Outbox(keyValue(components.spaces.self, '.outbox'), components.me.device)
  }

  async start(): Promise<void> {
    const { spaces, contacts } = this.#components
    const flush = ({ space }: { space: Space }) => {
      const other = space.kind === 'direct' ? this.#conversations.otherOf(space) : undefined
      if (other !== undefined) this.#flush(other)
    }
    this.#stops.push(
      spaces.on('open', flush),
      spaces.on('change', flush),
      contacts.onChange(({ record }) => {
        if (record.state === 'contact') this.#flush(record.id)
      })
    )
    for (const twin of await this.#outbox.start()) this.#flush(twin)
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    await Promise.allSettled(this.#flushing)
    for (const presence of this.#presence.values()) presence.destroy()
    this.#presence.clear()
    this.#conversations.close()
  }

  async send({ who, ...message }: { who: string; text: string; replyTo?: string; key?: string }): Promise<Sent> {
    return await this.#send(await this.#conversations.find(who), message)
  }

  reply({ who, id, text, key }: { who: string; id: string; text: string; key?: string }): Promise<Sent> {
    return this.send({ who, text, replyTo: id, key })
  }

  async *sendMany(
    { who }: { who: string },
    incoming: AsyncIterable<{ text: string; replyTo?: string; key?: string }>
  ): AsyncGenerator<Sent> {
    const place = await this.#conversations.find(who)
    const sending: Promise<Sent>[] = []
    for await (const message of incoming) {
      const sent = this.#send(place, message)
      // Its failure is met where it is awaited below
      sent.catch(() => {})
      sending.push(sent)
      if (sending.length >= maxSending) yield await sending.shift()!
    }
    for (const sent of sending) yield await sent
  }

  async edit({ who, id, text }: { who: string; id: string; text: string }): Promise<Sent> {
    checkText(text)
    const conversation = await this.#opened(who)
    return await this.#sentOf(conversation, await conversation.edit(id, text))
  }

  async delete({ who, id }: { who: string; id: string }): Promise<Sent> {
    const conversation = await this.#opened(who)
    return await this.#sentOf(conversation, await conversation.delete(id))
  }

  async react(request: { who: string; id: string; emoji: string; remove?: boolean }): Promise<Sent> {
    const { who, id, emoji, remove = false } = request
    if (!emoji.isWellFormed()) throw new ProtocolError('InvalidArgument', 'A reaction is well-formed text')
    const conversation = await this.#opened(who)
    return await this.#sentOf(conversation, await conversation.react(id, emoji, !remove))
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
    const { contacts, spaces } = this.#components
    const opens = caller.class === 'owner' && !peek
    const follower = new Follower({ nameOf: twin => contacts.nameOf(twin), clock: this.#clock, opens })
    const add = (space: Space) => {
      const isMeant = place === undefined ? this.#conversations.isChat(space) : this.#conversations.isAt(space, place)
      if (!isMeant || space.state === 'offered') return Promise.resolve()
      return follower.add(this.#conversations.of(space))
    }
    const onSpace = ({ space }: { space: Space }) => {
      add(space).catch(error => this.#log.warn('A conversation cannot be followed: %o', error))
    }
    const stops = [spaces.on('open', onSpace), spaces.on('change', onSpace)]
    try {
      if (place !== undefined) await this.#conversations.open(place)
      for (const space of spaces.list()) await add(space)
      yield* follower.items(signal)
    } finally {
      for (const stop of stops) stop()
      follower.stop()
    }
  }

  async typing({ who, typing = true }: { who: string; typing?: boolean }): Promise<object> {
    const conversation = await this.#conversations.open(await this.#conversations.find(who))
    // Nobody is there yet to see it
    if (conversation?.space.myNumber === undefined) return {}
    const { space } = conversation
    const presence =
      this.#presence.get(space.text) ?? new TypingPresence(space.myNumber! * 2 ** 16 + this.#components.me.device)
    this.#presence.set(space.text, presence)
    space.sendAwareness(documentOf(space.myNumber!, this.#now()), presence.toBytes(typing))
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

  async #send(place: Place, { text, replyTo, key }: { text: string; replyTo?: string; key?: string }): Promise<Sent> {
    checkText(text)
    const at = this.#now()
    const id = newUlid(at, this.#components.crypto.randomBytes(10))
    const message: NewMessage = { id, text, at, replyTo, key }
    const conversation = await this.#conversations.open(place)
    if (conversation === undefined) {
      const queued = await this.#outbox.queue(place.twin!, message)
      // The conversation may have opened between the two
      this.#flush(place.twin!)
      return { id: queued.id, state: 'saved', at: queued.at }
    }
    if (place.twin !== undefined) await this.#outbox.settled(place.twin, conversation)
    return await this.#sentOf(conversation, await conversation.send(message))
  }

  /** A conversation that exists; what only waits to be sent cannot be changed. */
  async #opened(who: string): Promise<Conversation> {
    const place = await this.#conversations.find(who)
    const conversation = await this.#conversations.open(place)
    if (conversation === undefined) {
      throw new ProtocolError('FailedPrecondition', `The conversation with ${place.name} has not begun yet`)
    }
    return conversation
  }

  async #sentOf({ space }: Conversation, message: RawMessage): Promise<Sent> {
    const { id, at } = message.position
    return { id, state: stateOf(space, message, new Map()).state, at }
  }

  #show({ space }: Conversation, message: RawMessage, marks: Parameters<typeof toChatMessage>[2]): ChatMessage {
    return toChatMessage(space, message, marks, twin => this.#components.contacts.nameOf(twin))
  }

  #showQueued(place: Place, { id, text, at, replyTo }: Queued): ChatMessage {
    const shown = { id, conversation: place.twin!, from: this.#myId, name: '', text, at, state: 'saved' as const }
    return { ...shown, ...(replyTo !== undefined && { replyTo }) }
  }

  /** Moves what waits for this person into the conversation, if there is one by now. */
  #flush(twin: string): void {
    const flushing = this.#conversations
      .open({ twin, name: twin })
      .then(conversation => conversation && this.#outbox.flush(twin, conversation))
      .catch(error => this.#log.warn('Waiting messages could not be sent on: %o', error))
      .finally(() => this.#flushing.delete(flushing))
    this.#flushing.add(flushing)
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed()) throw new ProtocolError('InvalidArgument', 'A message is well-formed text')
  if (text.length * 3 <= maxTextBytes) return
  const size = new TextEncoder().encode(text).length
  if (size > maxTextBytes)
    throw new ProtocolError('TooLarge', `A message has at most ${maxTextBytes} bytes, this one has ${size}`)
}
