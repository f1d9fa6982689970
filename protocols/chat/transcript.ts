import type { Space } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import {
  idKey,
  idRange,
  keyToMessageRow,
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

/** Characters of text that one page of history holds in memory at most. */
const maxPageLength = 8 * 1024 * 1024
/** Unread messages are counted up to here. */
const maxUnread = 10_000

/** What a conversation says, read from its index; no document is loaded. */
export class Transcript {
  readonly #space: Space

  constructor(space: Space) {
    this.#space = space
  }

  /** The newest messages before a place, newest last; fewer than asked for when they are long. */
  async page(limit: number, before?: string): Promise<RawMessage[]> {
    const end = before === undefined ? messages.lt : messageKey((await this.find(before)).position)
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

  /** @throws {ProtocolError} `NotFound`. Own messages come first, should somebody else have used the same id. */
  async find(id: string): Promise<RawMessage> {
    const me = this.#space.myNumber
    const own = me === undefined ? undefined : await this.#index.get(idKey(id, me))
    if (own !== undefined && me !== undefined) {
      const message = await this.get({ ...positionValue.fromBytes(own), author: me })
      if (message !== undefined) return message
    }
    for await (const { key, value } of this.#index.iterate(idRange(id))) {
      const author = Number.parseInt(key.slice(-4), 16)
      const message = await this.get({ ...positionValue.fromBytes(value), author })
      if (message !== undefined) return message
    }
    throw new ProtocolError('NotFound', 'No message with this id in the conversation')
  }

  /** What was said under a key of the caller's. */
  async findByKey(author: number, key: string): Promise<RawMessage | undefined> {
    const said = await this.#index.get(sendKey(author, key))
    return said === undefined ? undefined : await this.get({ ...positionValue.fromBytes(said), author })
  }

  /** Whether this member said something under this id. */
  async hasSaid(author: number, id: string): Promise<boolean> {
    return (await this.#index.get(idKey(id, author))) !== undefined
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

  /** Messages of others that the owner has not opened. */
  async unread(): Promise<number> {
    const me = this.#space.myNumber
    const marks = me === undefined ? undefined : (await this.marks()).get(me)
    const others = this.#space.members().filter(({ number }) => number !== me)
    if (others.length === 0) return 0
    const least = Math.min(...others.map(({ number }) => marks?.get(number) ?? 0))
    const gte = messageKey({ lamport: least + 1, at: 0, id: '', author: 0 })
    let count = 0
    let last = ''
    for await (const { key } of this.#index.iterate({ gte: gte.slice(0, 14), lt: messages.lt })) {
      const { type, message } = keyToMessageRow(key)
      if (type !== 'text' || message === last) continue
      last = message
      const { author, lamport } = keyToPosition(message)
      if (author !== me && lamport > (marks?.get(author) ?? 0)) count++
      if (count === maxUnread) break
    }
    return count
  }

  async newestLamport(): Promise<number> {
    for await (const { key } of this.#index.iterate({ ...messages, reverse: true, limit: 1 })) {
      return keyToPosition(key).lamport
    }
    return 0
  }

  get #index() {
    return this.#space.index('chat')
  }
}
