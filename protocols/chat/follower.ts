import { twinToText } from '../../crdt/identity/index.ts'
import { type Clock, ProtocolError, type schema } from '../core/index.ts'
import type { Conversation } from './conversation.ts'
import type { ChatMessage, chatProtocol, DeliveryState } from './protocol.ts'
import { keyToMessageRow, keyToPosition, messageKey } from './row.ts'
import { bytesToTyping, typingMs } from './typing.ts'
import { type OpenedMarks, type RawMessage, stateOf, toChatMessage } from './view-message.ts'

export type FollowItem = schema.Output<(typeof chatProtocol)['methods']['follow']['item']>

export interface FollowerInit {
  readonly nameOf: (twin: string) => string
  readonly clock: Clock
  /** Whether what is streamed counts as seen by the owner */
  readonly opens: boolean
}

/** Own messages whose state is watched, newest first. */
const maxTracked = 500
/** Changes that may wait for a slow reader; they are named, not copied. */
const maxPending = 50_000

interface Followed {
  readonly conversation: Conversation
  /** Keys of messages that are new or changed */
  readonly pending: Set<string>
  /** Key of an own message that was not opened yet → state that was told last */
  readonly tracked: Map<string, DeliveryState>
  readonly typing: Map<string, boolean>
  readonly expiries: Map<string, () => void>
  isDirty: boolean
}

/** One reader of one or all conversations. What changed is kept by name and read when the reader asks for it. */
export class Follower {
  readonly #init: FollowerInit
  readonly #followed = new Map<string, Followed>()
  readonly #stops: (() => void)[] = []
  #wake = () => {}
  #failure: Error | undefined

  constructor(init: FollowerInit) {
    this.#init = init
  }

  /** Begins with what changes from now on. */
  async add(conversation: Conversation): Promise<void> {
    const { space } = conversation
    if (this.#followed.has(space.text)) return
    const followed: Followed = {
      conversation,
      pending: new Set(),
      tracked: new Map(),
      typing: new Map(),
      expiries: new Map(),
      isDirty: false
    }
    this.#followed.set(space.text, followed)
    this.#stops.push(
      space.on(
        'rows',
        ({ kind, rows }) =>
          kind === 'chat' &&
          this.#onRows(
            followed,
            rows.map(({ key }) => key)
          )
      ),
      space.on('delivery', () => this.#change(followed)),
      space.on('awareness', ({ document, bytes, from }) => {
        const typing = bytesToTyping(bytes)
        const author = Number(document.split('/')[1])
        // Presence in a document of somebody else would be presence in their name
        const isTheirs = space.numberOf(from.twin) === author && author !== space.myNumber
        if (typing !== undefined && isTheirs) this.#onTyping(followed, twinToText(from.twin), typing)
      })
    )
    const marks = await conversation.transcript.marks()
    for (const message of (await conversation.transcript.page(maxTracked)).reverse()) {
      if (message.position.author !== space.myNumber) continue
      const { state } = stateOf(space, message, marks)
      if (state !== 'opened') followed.tracked.set(messageKey(message.position), state)
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    for (const { expiries } of this.#followed.values()) for (const cancel of expiries.values()) cancel()
  }

  async *items(signal: AbortSignal): AsyncGenerator<FollowItem> {
    const onAbort = () => this.#wake()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (!signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure
        const woken = new Promise<void>(resolve => {
          this.#wake = resolve
        })
        let isQuiet = true
        for (const followed of this.#followed.values()) {
          for await (const item of this.#drain(followed)) {
            isQuiet = false
            yield item
          }
        }
        if (isQuiet && !signal.aborted) await woken
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.stop()
    }
  }

  async *#drain(followed: Followed): AsyncGenerator<FollowItem> {
    const { conversation, pending, typing } = followed
    for (const [from, isTyping] of typing) {
      typing.delete(from)
      yield {
        type: 'typing',
        conversation: conversation.space.text,
        from,
        name: this.#init.nameOf(from),
        typing: isTyping
      }
    }
    if (pending.size > 0) yield* this.#drainMessages(followed)
    if (followed.isDirty) {
      followed.isDirty = false
      yield* this.#drainStates(followed)
    }
  }

  async *#drainMessages({ conversation, pending, tracked }: Followed): AsyncGenerator<FollowItem> {
    const marks = await conversation.transcript.marks()
    const keys = [...pending].sort()
    pending.clear()
    const seen: RawMessage[] = []
    for (const key of keys) {
      const message = await conversation.transcript.get(keyToPosition(key))
      if (message === undefined) continue
      const shown = this.#show(conversation, message, marks)
      if (message.position.author !== conversation.space.myNumber) seen.push(message)
      else if (shown.state !== 'opened') track(tracked, key, shown.state)
      yield { type: 'message', message: shown }
    }
    if (this.#init.opens) await conversation.open(seen)
  }

  async *#drainStates({ conversation, tracked }: Followed): AsyncGenerator<FollowItem> {
    const marks = await conversation.transcript.marks()
    for (const [key, told] of tracked) {
      const message = await conversation.transcript.get(keyToPosition(key))
      if (message === undefined) continue
      const { state } = stateOf(conversation.space, message, marks)
      if (state === told) continue
      if (state === 'opened') tracked.delete(key)
      else tracked.set(key, state)
      yield { type: 'state', message: this.#show(conversation, message, marks) }
    }
  }

  #show({ space }: Conversation, message: RawMessage, marks: OpenedMarks): ChatMessage {
    return toChatMessage(space, message, marks, this.#init.nameOf)
  }

  #onRows(followed: Followed, keys: string[]): void {
    for (const key of keys) {
      if (key.startsWith('m/')) followed.pending.add(keyToMessageRow(key).message)
      else if (key.startsWith('o/')) followed.isDirty = true
    }
    if (followed.pending.size > maxPending) {
      this.#failure = new ProtocolError(
        'ResourceExhausted',
        'Too much happened since the last item was taken, follow anew'
      )
    }
    this.#wake()
  }

  #change(followed: Followed): void {
    followed.isDirty = true
    this.#wake()
  }

  #onTyping(followed: Followed, from: string, typing: boolean): void {
    followed.expiries.get(from)?.()
    followed.expiries.delete(from)
    if (typing) {
      const expire = () => this.#onTyping(followed, from, false)
      followed.expiries.set(from, this.#init.clock.after(typingMs, expire, { background: true }))
    }
    followed.typing.set(from, typing)
    this.#wake()
  }
}

function track(tracked: Map<string, DeliveryState>, key: string, state: DeliveryState): void {
  tracked.set(key, state)
  if (tracked.size <= maxTracked) return
  const [oldest] = tracked.keys()
  tracked.delete(oldest!)
}
