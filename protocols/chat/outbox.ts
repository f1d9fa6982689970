import * as v from 'valibot'
import { decode, encode } from '../../crdt/crypto/index.ts'
import type { KeyValue } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import type { Conversation, NewMessage } from './conversation.ts'

export interface Queued extends NewMessage {
  /** Place in the outbox */
  readonly place: string
  /** Only the device that queued a message sends it on, so that two do not */
  readonly device: number
}

/** Messages that may wait for one person. */
const maxQueued = 10_000

const schema = v.object({
  id: v.string(),
  text: v.string(),
  at: v.number(),
  device: v.number(),
  replyTo: v.optional(v.string()),
  key: v.optional(v.string())
})

/** Messages to people with whom there is no conversation yet, in the twin's own space until there is one. */
export class Outbox {
  readonly #table: KeyValue
  readonly #device: number
  readonly #turns = new Map<string, Promise<unknown>>()
  /** People for whom something may wait */
  readonly #waiting = new Set<string>()
  #count = 0

  constructor(table: KeyValue, device: number) {
    this.#table = table
    this.#device = device
  }

  /** People for whom something waits. */
  async start(): Promise<string[]> {
    for (const twin of await this.twins()) this.#waiting.add(twin)
    return [...this.#waiting]
  }

  mayHold(twin: string): boolean {
    return this.#waiting.has(twin)
  }

  /** Queues a message on synced storage; one with a key that is queued already is not queued again. */
  queue(twin: string, message: NewMessage): Promise<Queued> {
    return this.#inTurn(twin, async () => {
      let waiting = 0
      for await (const other of this.list(twin)) {
        waiting++
        if (message.key !== undefined && other.key === message.key) return other
      }
      if (waiting >= maxQueued) throw new ProtocolError('ResourceExhausted', 'Too many messages wait for this person')
      this.#waiting.add(twin)
      const place = `${twin}/${hex(message.at)}${hex(this.#count++)}`
      const { id, text, at, replyTo, key } = message
      await this.#table.put(place, encode({ id, text, at, replyTo, key, device: this.#device }))
      return { ...message, place, device: this.#device }
    })
  }

  async *list(twin: string): AsyncGenerator<Queued> {
    for await (const { key: place, value } of this.#table.list({ prefix: `${twin}/` })) {
      const row = v.safeParse(schema, Object.assign({}, decode(value)))
      if (row.success) yield { ...row.output, place }
    }
  }

  async twins(): Promise<string[]> {
    const twins = new Set<string>()
    for await (const { key } of this.#table.list({})) twins.add(key.slice(0, key.indexOf('/')))
    return [...twins]
  }

  /**
   * Moves what waits into the conversation, in order. A crash between saying it and forgetting it is met by the id: what
   * was said under it is not said again.
   */
  flush(twin: string, conversation: Conversation): Promise<void> {
    return this.#inTurn(twin, async () => {
      for await (const { place, device, ...message } of this.list(twin)) {
        if (device !== this.#device) continue
        if (!(await conversation.hasSaid(message.id))) await conversation.send(message)
        await this.#table.delete(place)
      }
      this.#waiting.delete(twin)
    })
  }

  /** Resolves when nothing of this device waits any more, so that what is said next comes after it. */
  async settled(twin: string, conversation: Conversation): Promise<void> {
    if (this.#waiting.has(twin)) await this.flush(twin, conversation)
  }

  #inTurn<T>(twin: string, action: () => Promise<T>): Promise<T> {
    const result = (this.#turns.get(twin) ?? Promise.resolve()).then(action)
    const turn = result.catch(() => {})
    this.#turns.set(twin, turn)
    void turn.then(() => this.#turns.get(twin) === turn && this.#turns.delete(twin))
    return result
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(12, '0')
}
