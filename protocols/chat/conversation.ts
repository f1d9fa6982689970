import type { BlobReference } from '../../crdt/blobs/index.ts'
import type { Space } from '../../crdt/index.ts'
import { ProtocolError } from '../core/index.ts'
import { refusing } from '../refusing.ts'
import { appendEvent } from './append-event.ts'
import { documentOf } from './document-kind.ts'
import { type ChatEvent, eventToBytes, maxLamport } from './event.ts'
import { keyToPosition } from './row.ts'
import { Transcript } from './transcript.ts'
import type { RawMessage } from './view-message.ts'

export interface NewMessage {
  readonly id: string
  readonly text: string
  /** Claimed time, ms */
  readonly at: number
  readonly replyTo?: string
  readonly key?: string
  readonly attachments?: readonly BlobReference[]
}

/** One conversation: what is written goes into this twin's own document, what is read is its transcript. */
export class Conversation {
  readonly space: Space
  readonly transcript: Transcript
  readonly #now: () => number
  readonly #sending = new Map<string, Promise<RawMessage>>()
  readonly #stop: () => void
  #lamport = 0
  #ready: Promise<void> | undefined

  constructor(space: Space, now: () => number) {
    this.space = space
    this.transcript = new Transcript(space)
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
    const { sent } = await this.begin(message)
    return await sent
  }

  /** The same in two steps: what is begun later is said later, also while `sent` is still being stored. */
  async begin(message: NewMessage): Promise<{ sent: Promise<RawMessage> }> {
    await this.#load()
    const { key } = message
    if (key === undefined) return { sent: this.#send(message) }
    const before = this.#sending.get(key) ?? (await this.transcript.findByKey(this.#me, key))
    const running = before ?? this.#sending.get(key)
    if (running !== undefined) return { sent: Promise.resolve(running) }
    const sent = this.#send(message).finally(() => this.#sending.delete(key))
    this.#sending.set(key, sent)
    // Its failure is met by whoever waits for it
    sent.catch(() => {})
    return { sent }
  }

  /** Whether this twin said something under this id. */
  hasSaid(id: string): Promise<boolean> {
    return this.transcript.hasSaid(this.#me, id)
  }

  async edit(id: string, text: string): Promise<RawMessage> {
    const own = await this.#own(id)
    await this.#write(lamport => ({ type: 'edit', target: own.position, lamport, at: this.#now(), text }))
    return own
  }

  async delete(id: string): Promise<RawMessage> {
    const own = await this.#own(id)
    // Beside what it is about, where the references to files are counted
    const month = own.attachments.length > 0 ? own.position.at : undefined
    await this.#write(lamport => ({ type: 'delete', target: own.position, lamport, at: this.#now() }), month)
    return own
  }

  async react(id: string, emoji: string, on: boolean): Promise<RawMessage> {
    const message = await this.transcript.find(id)
    const { author, ...target } = message.position
    await this.#write(lamport => ({ type: 'react', author, target, lamport, at: this.#now(), emoji, on }))
    return message
  }

  /** Tells the others that the owner saw these messages; writes nothing when that was known. */
  async open(seen: Iterable<RawMessage>): Promise<void> {
    const me = this.space.myNumber
    if (me === undefined || this.space.state !== 'open') return
    const known = (await this.transcript.marks()).get(me)
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
    if (me === undefined || this.space.state !== 'open' || (await this.transcript.unread()) === 0) return
    const lamport =
      id === undefined ? await this.transcript.newestLamport() : (await this.transcript.find(id)).position.lamport
    const known = (await this.transcript.marks()).get(me)
    const others = this.space.members().filter(({ number }) => number !== me && (known?.get(number) ?? 0) < lamport)
    if (others.length === 0) return
    await this.#write(() => ({ type: 'opened', upTo: others.map(({ number }): [number, number] => [number, lamport]) }))
  }

  async #send({ id, text, at, replyTo, key, attachments = [] }: NewMessage): Promise<RawMessage> {
    const { value, ref } = await this.#append(
      lamport => ({ type: 'message', id, lamport, at, text, replyTo, key }),
      attachments.length === 0
        ? {}
        : { at, before: ({ lamport }) => ({ type: 'attach', target: { id, lamport, at }, attachments }) }
    )
    return {
      position: { id, lamport: value.lamport, at, author: this.#me },
      device: ref.device,
      seq: ref.seq,
      text,
      replyTo,
      editedAt: undefined,
      isDeleted: false,
      reactions: new Map(),
      attachments
    }
  }

  async #own(id: string): Promise<RawMessage> {
    const message = await this.transcript.find(id)
    if (message.position.author !== this.#me) {
      throw new ProtocolError('FailedPrecondition', 'Only whoever wrote a message changes it')
    }
    if (message.isDeleted) throw new ProtocolError('FailedPrecondition', 'This message was deleted')
    return message
  }

  async #write<E extends ChatEvent>(toEvent: (lamport: number) => E, at?: number) {
    await this.#load()
    return await this.#append(toEvent, { at })
  }

  /**
   * Takes its place among what is written before anything is waited for.
   *
   * @param at chooses the document, default now; `before` says what stands in front of the event
   */
  #append<E extends ChatEvent>(
    toEvent: (lamport: number) => E,
    { at = this.#now(), before }: { at?: number; before?: (event: E) => ChatEvent } = {}
  ) {
    const document = documentOf(this.#me, at)
    return refusing(
      this.space.write(document, (doc, transaction) => {
        // Here, so that what is written later also sorts later
        const event = toEvent(this.#next())
        const bytes = [before?.(event), event].filter(part => part !== undefined).map(eventToBytes)
        for (const part of bytes) appendEvent(doc, transaction, part)
        return event
      })
    )
  }

  async #load(): Promise<void> {
    this.#ready ??= this.transcript.newestLamport().then(lamport => {
      this.#lamport = Math.max(this.#lamport, lamport)
    })
    try {
      await this.#ready
    } catch (error) {
      this.#ready = undefined
      throw error
    }
  }

  #next(): number {
    this.#lamport = Math.min(this.#lamport + 1, maxLamport)
    return this.#lamport
  }

  get #me(): number {
    const number = this.space.myNumber
    if (number === undefined) throw new ProtocolError('FailedPrecondition', 'You are not a member of this conversation')
    return number
  }
}
