import type * as Y from 'yjs'
import type { Space } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { documentOf, eventsRoot } from './document-kind.ts'
import { type ChatEvent, eventToBytes, maxLamport } from './event.ts'
import { refusing } from './refusing.ts'
import {
  idKey,
  idRange,
  keyToPosition,
  messageKey,
  messageRange,
  messages,
  openedMarks,
  openedValue,
  type Position,
  positionValue,
  sendKey
} from './row.ts'
import { Gatherer, type OpenedMarks, type RawMessage } from './view-message.ts'

export interface NewMessage {
  readonly id: string
  readonly text: string
  /** Claimed time, ms */
  readonly at: number
  readonly replyTo?: string
  readonly key?: string
}

/** Characters of text that one page of history holds in memory at most. */
const maxPageLength = 8 * 1024 * 1024
/** Unread messages are counted up to here. */
const maxUnread = 10_000

/** One conversation: what is written goes into this twin's own document, what is read comes from the index. */
export class Conversation {
  readonly space: Space
  readonly #now: () => number
  readonly #sending = new Map<string, Promise<RawMessage>>()
  readonly #stop: () => void
  #lamport = 0
  #ready: Promise<void> | undefined

  constructor(space: Space, now: () => number) {
    this.space = space
    this.#now = now
    this.#stop = space.on('rows', ({ kind, rows }) => {
      if (kind !== 'chat') return
      for (const { key } of rows) {
        if (key.startsWith('m/')) this.#lamport = Math.max(this.#lamport, keyToPosition(key).lamport)
      }
    })
  }

  close(): void {
    this.#stop()
  }

  /** Says it once, however often it is told to: by its id and, if it has one, by its key. */
  async send(message: NewMessage): Promise<RawMessage> {
    if (message.key === undefined) return await this.#send(message)
    const running = this.#sending.get(message.key)
    if (running !== undefined) return await running
    const sending = this.#sendOnce(message, message.key)
    this.#sending.set(message.key, sending)
    try {
      return await sending
    } finally {
      this.#sending.delete(message.key)
    }
  }

  /** Whether this twin said something under this id. */
  async hasSaid(id: string): Promise<boolean> {
    return (await this.#index.get(idKey(id, this.#me))) !== undefined
  }

  async edit(id: string, text: string): Promise<RawMessage> {
    const own = await this.#own(id)
    await this.#write(lamport => ({ type: 'edit', target: own.position, lamport, at: this.#now(), text }))
    return own
  }

  async delete(id: string): Promise<RawMessage> {
    const own = await this.#own(id)
    await this.#write(lamport => ({ type: 'delete', target: own.position, lamport, at: this.#now() }))
    return own
  }

  async react(id: string, emoji: string, on: boolean): Promise<RawMessage> {
    const message = await this.#find(id)
    const { author, ...target } = message.position
    await this.#write(lamport => ({ type: 'react', author, target, lamport, at: this.#now(), emoji, on }))
    return message
  }

  /** The newest messages before a place, newest last; fewer than asked for when they are long. */
  async page(limit: number, before?: string): Promise<RawMessage[]> {
    const end = before === undefined ? messages.lt : messageKey((await this.#find(before)).position)
    const gatherer = new Gatherer()
    const page: RawMessage[] = []
    let length = 0
    for await (const row of this.#index.iterate({ gte: messages.gte, lt: end, reverse: true })) {
      const message = gatherer.add(row)
      if (message === undefined) continue
      page.push(message)
      length += message.text.length
      if (page.length === limit || length > maxPageLength) return page.reverse()
    }
    const last = gatherer.end()
    if (last !== undefined) page.push(last)
    return page.reverse()
  }

  async get(position: Position): Promise<RawMessage | undefined> {
    const gatherer = new Gatherer()
    for await (const row of this.#index.iterate(messageRange(position))) gatherer.add(row)
    return gatherer.end()
  }

  async marks(): Promise<OpenedMarks> {
    const marks = new Map<number, Map<number, number>>()
    for await (const { key, value } of this.#index.iterate(openedMarks)) {
      const reader = Number.parseInt(key.split('/')[1]!, 16)
      const of = marks.get(reader) ?? new Map<number, number>()
      marks.set(reader, of)
      for (const [author, lamport] of openedValue.fromBytes(value))
        of.set(author, Math.max(lamport, of.get(author) ?? 0))
    }
    return marks
  }

  /** Tells the others that the owner saw these messages; writes nothing when that was known. */
  async open(seen: Iterable<RawMessage>): Promise<void> {
    const me = this.space.myNumber
    if (me === undefined || this.space.state !== 'open') return
    const known = (await this.marks()).get(me)
    const upTo = new Map<number, number>()
    for (const { position } of seen) {
      const least = Math.max(known?.get(position.author) ?? 0, upTo.get(position.author) ?? 0)
      if (position.author !== me && position.lamport > least) upTo.set(position.author, position.lamport)
    }
    if (upTo.size > 0) await this.#write(() => ({ type: 'opened', upTo: [...upTo].sort(([a], [b]) => a - b) }))
  }

  /** Tells the others that the owner saw all of it, or all up to one message. */
  async openUpTo(id?: string): Promise<void> {
    const me = this.space.myNumber
    if (me === undefined || this.space.state !== 'open' || (await this.unread()) === 0) return
    const lamport = id === undefined ? await this.#newestLamport() : (await this.#find(id)).position.lamport
    const known = (await this.marks()).get(me)
    const others = this.space.members().filter(({ number }) => number !== me && (known?.get(number) ?? 0) < lamport)
    if (others.length === 0) return
    await this.#write(() => ({ type: 'opened', upTo: others.map(({ number }): [number, number] => [number, lamport]) }))
  }

  /** Messages of others that the owner has not opened. */
  async unread(): Promise<number> {
    const me = this.space.myNumber
    const marks = me === undefined ? undefined : (await this.marks()).get(me)
    const others = this.space.members().filter(({ number }) => number !== me)
    if (others.length === 0) return 0
    const least = Math.min(...others.map(({ number }) => marks?.get(number) ?? 0))
    const gte = messageKey({ lamport: least + 1, at: 0, id: '', author: 0 })
    let count = 0
    for await (const { key } of this.#index.iterate({ gte: gte.slice(0, 14), lt: messages.lt })) {
      const position = keyToPosition(key)
      const isMessage = key === messageKey(position)
      if (isMessage && position.author !== me && position.lamport > (marks?.get(position.author) ?? 0)) count++
      if (count === maxUnread) break
    }
    return count
  }

  async #send({ id, text, at, replyTo, key }: NewMessage): Promise<RawMessage> {
    const { value, ref } = await this.#write(lamport => ({ type: 'message', id, lamport, at, text, replyTo, key }))
    return {
      position: { id, lamport: value.lamport, at, author: this.#me },
      device: ref.device,
      seq: ref.seq,
      text,
      replyTo,
      editedAt: undefined,
      isDeleted: false,
      reactions: new Map()
    }
  }

  async #sendOnce(message: NewMessage, key: string): Promise<RawMessage> {
    const said = await this.#index.get(sendKey(this.#me, key))
    const before =
      said === undefined ? undefined : await this.get({ ...positionValue.fromBytes(said), author: this.#me })
    return before ?? (await this.#send(message))
  }

  async #own(id: string): Promise<RawMessage> {
    const message = await this.#find(id)
    if (message.position.author !== this.#me) {
      throw new ProtocolError('FailedPrecondition', 'Only whoever wrote a message changes it')
    }
    if (message.isDeleted) throw new ProtocolError('FailedPrecondition', 'This message was deleted')
    return message
  }

  /** Own messages come first, should somebody else have used the same id. */
  async #find(id: string): Promise<RawMessage> {
    const own = await this.#index.get(idKey(id, this.#me))
    if (own !== undefined) {
      const message = await this.get({ ...positionValue.fromBytes(own), author: this.#me })
      if (message !== undefined) return message
    }
    for await (const { key, value } of this.#index.iterate(idRange(id))) {
      const author = Number.parseInt(key.slice(-4), 16)
      const message = await this.get({ ...positionValue.fromBytes(value), author })
      if (message !== undefined) return message
    }
    throw new ProtocolError('NotFound', 'No message with this id in the conversation')
  }

  async #write<E extends ChatEvent>(toEvent: (lamport: number) => E) {
    this.#ready ??= this.#load()
    await this.#ready
    const document = documentOf(this.#me, this.#now())
    return await refusing(
      this.space.write(document, doc => {
        // Here, so that what is written later also sorts later
        const event = toEvent(this.#next())
        append(doc, eventToBytes(event))
        return event
      })
    )
  }

  async #load(): Promise<void> {
    try {
      this.#lamport = Math.max(this.#lamport, await this.#newestLamport())
    } catch (error) {
      this.#ready = undefined
      throw error
    }
  }

  async #newestLamport(): Promise<number> {
    for await (const { key } of this.#index.iterate({ ...messages, reverse: true, limit: 1 }))
      return keyToPosition(key).lamport
    return 0
  }

  #next(): number {
    this.#lamport = Math.min(this.#lamport + 1, maxLamport)
    return this.#lamport
  }

  get #index() {
    return this.space.index('chat')
  }

  get #me(): number {
    const number = this.space.myNumber
    if (number === undefined) throw new ProtocolError('FailedPrecondition', 'You are not a member of this conversation')
    return number
  }
}

function append(doc: Y.Doc, bytes: Uint8Array): void {
  const events = doc.getArray<Uint8Array>(eventsRoot)
  // Not push(): it walks the whole list, insert() starts from where the last one ended
  events.insert(events.length, [bytes])
}
