import type { BlobReference, Blobs } from '../../crdt/blobs/index.ts'
import type { Crypto } from '../../crdt/crypto/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { type Clock, type Logger, ProtocolError } from '../core/index.ts'
import { holdAll } from './attachments.ts'
import type { Conversation } from './conversation.ts'
import type { Conversations, People, Place } from './conversations.ts'
import type { Outbox } from './outbox.ts'
import { type DeliveryState, maxTextBytes } from './protocol.ts'
import { newUlid } from './ulid.ts'
import { type RawMessage, stateOf } from './view-message.ts'

export interface Draft {
  readonly text: string
  readonly replyTo?: string
  readonly key?: string
  readonly attachments?: readonly BlobReference[]
}

export interface Sent {
  readonly id: string
  readonly state: DeliveryState
  readonly at: number
}

export interface SenderComponents {
  readonly spaces: Pick<Spaces, 'on'>
  readonly contacts: Pick<People, 'onChange'>
  readonly crypto: Pick<Crypto, 'randomBytes'>
  readonly blobs: Pick<Blobs, 'hold'>
}

export interface SenderParts {
  readonly conversations: Conversations
  readonly outbox: Outbox
  readonly now: () => number
  readonly clock: Clock
  readonly log: Logger
}

const firstPauseMs = 2000
const maxPauseMs = 5 * 60_000
/** Texts of one `sendMany` that are being stored at once: they share entries and disk syncs. */
const maxSending = 256

/** Says things in conversations, or keeps them until there is one. */
export class Sender {
  readonly #components: SenderComponents
  readonly #parts: SenderParts
  readonly #stops: (() => void)[] = []
  readonly #flushing = new Set<Promise<void>>()
  readonly #turns = new Map<string, Promise<void>>()
  /** People for whom something waits that could not be sent on */
  readonly #failed = new Set<string>()
  #pauseMs = firstPauseMs
  #stopPause: (() => void) | undefined
  #isStopped = false

  constructor(components: SenderComponents, parts: SenderParts) {
    this.#components = components
    this.#parts = parts
  }

  async start(): Promise<void> {
    const { spaces, contacts } = this.#components
    const flush = ({ space }: { space: Space }) => {
      const other = this.#parts.conversations.otherOf(space)
      if (other !== undefined) this.#flush(other)
    }
    this.#stops.push(
      spaces.on('open', flush),
      spaces.on('change', flush),
      contacts.onChange(({ record }) => {
        if (record.state === 'contact') this.#flush(record.id)
      })
    )
    for (const twin of await this.#parts.outbox.start()) this.#flush(twin)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#stopPause?.()
    for (const stop of this.#stops.splice(0)) stop()
    await Promise.allSettled(this.#flushing)
  }

  async send(place: Place, draft: Draft): Promise<Sent> {
    checkText(draft.text)
    const release = await holdAll(this.#components.blobs, draft.attachments ?? [])
    try {
      const { sent } = await this.#inTurn(place, () => this.#begin(place, draft))
      return await sent
    } finally {
      release()
    }
  }

  async *sendMany(place: Place, incoming: AsyncIterable<Draft>): AsyncGenerator<Sent> {
    const sending: Promise<Sent>[] = []
    for await (const draft of incoming) {
      const sent = this.send(place, draft)
      // Its failure is met where it is awaited below
      sent.catch(() => {})
      sending.push(sent)
      if (sending.length >= maxSending) yield await sending.shift()!
    }
    for (const sent of sending) yield await sent
  }

  async #begin(place: Place, { text, replyTo, key, attachments }: Draft): Promise<{ sent: Promise<Sent> }> {
    const { conversations, outbox, now } = this.#parts
    const at = now()
    const message = { id: newUlid(at, this.#components.crypto.randomBytes(10)), text, at, replyTo, key, attachments }
    const conversation = await conversations.open(place)
    if (conversation === undefined) {
      if (attachments !== undefined) {
        throw new ProtocolError('FailedPrecondition', 'Files can be sent once the other has accepted')
      }
      // A place without a conversation is a person
      const queued = await outbox.queue(place.twin!, message)
      // The conversation may have opened meanwhile
      this.#flush(place.twin!)
      return { sent: Promise.resolve({ id: queued.id, state: 'saved', at: queued.at }) }
    }
    if (place.twin !== undefined) await outbox.settled(place.twin, conversation)
    const { sent } = await conversation.begin(message)
    const shown = sent.then(stored => toSent(conversation, stored))
    // Its failure is met by whoever waits for it
    shown.catch(() => {})
    return { sent: shown }
  }

  /** What is said later in one place is stored later, however long the first of it takes to begin. */
  #inTurn<T>(place: Place, begin: () => Promise<T>): Promise<T> {
    const key = place.twin ?? place.space!.text
    const begun = (this.#turns.get(key) ?? Promise.resolve()).then(begin)
    const turn = begun.then(
      () => {},
      () => {}
    )
    this.#turns.set(key, turn)
    void turn.then(() => this.#turns.get(key) === turn && this.#turns.delete(key))
    return begun
  }

  /** Moves what waits for this person into the conversation, if there is one by now. */
  #flush(twin: string): void {
    const { conversations, outbox, log } = this.#parts
    if (!outbox.mayHold(twin)) return
    const flushing = conversations
      .open({ twin, name: twin })
      .then(conversation => conversation && outbox.flush(twin, conversation))
      .then(
        () => {
          this.#pauseMs = firstPauseMs
        },
        error => {
          log.warn('Waiting messages could not be sent on: %o', error)
          this.#flushLater(twin)
        }
      )
      .finally(() => this.#flushing.delete(flushing))
    this.#flushing.add(flushing)
  }

  #flushLater(twin: string): void {
    this.#failed.add(twin)
    if (this.#stopPause !== undefined || this.#isStopped) return
    const resume = () => {
      this.#stopPause = undefined
      const failed = [...this.#failed]
      this.#failed.clear()
      for (const other of failed) this.#flush(other)
    }
    this.#stopPause = this.#parts.clock.after(this.#pauseMs, resume, { background: true })
    this.#pauseMs = Math.min(maxPauseMs, 2 * this.#pauseMs)
  }
}

export function toSent({ space }: Conversation, message: RawMessage): Sent {
  const { id, at } = message.position
  return { id, state: stateOf(space, message, new Map()).state, at }
}

export function checkText(text: string): void {
  if (!text.isWellFormed()) throw new ProtocolError('InvalidArgument', 'A message is well-formed text')
  if (text.length * 3 <= maxTextBytes) return
  const size = new TextEncoder().encode(text).length
  if (size <= maxTextBytes) return
  throw new ProtocolError('TooLarge', `A message has at most ${maxTextBytes} bytes, this one has ${size}`)
}
