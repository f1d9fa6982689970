import type { ByteStream } from './byte-stream.ts'
import { ChunkQueue, type Deferred, deferred } from './chunk-queue.ts'
import { ProtocolError } from './errors.ts'

/** The part of a MessagePort that is used; those of browsers and of Node's workers both fit. */
export interface PortLike {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  start?(): void
}

/** Bytes under way in one direction of one stream before the writer is asked to wait. */
const portWindow = 256 * 1024
/** What a peer may have under way: the window and one large write that was let through when it was nearly used up. */
const maxUnread = portWindow + 16 * 1024 * 1024

export type Kind = 'open' | 'opened' | 'refused' | 'data' | 'taken' | 'end' | 'abort' | 'close'

/** The streams of one port by number. */
export class PortStreams {
  readonly closed: AbortSignal
  readonly #controller = new AbortController()
  readonly #port: PortLike
  readonly #streams = new Map<number, PortStream>()
  #onOther: (kind: Kind, id: number, value: unknown) => void = () => {}
  readonly #onMessage = (event: { data: unknown }) => this.#dispatch(event.data)

  constructor(port: PortLike) {
    this.#port = port
    this.closed = this.#controller.signal
  }

  get count(): number {
    return this.#streams.size
  }

  has(id: number): boolean {
    return this.#streams.has(id)
  }

  listen(onOther: (kind: Kind, id: number, value: unknown) => void): void {
    this.#onOther = onOther
    this.#port.addEventListener('message', this.#onMessage)
    this.#port.start?.()
  }

  create(id: number): PortStream {
    const stream = new PortStream((kind, value) => this.post(kind, id, value))
    this.#streams.set(id, stream)
    stream.closed.addEventListener('abort', () => this.#streams.delete(id), { once: true })
    return stream
  }

  post(kind: Kind, id: number, value?: unknown): void {
    if (!this.#controller.signal.aborted) this.#port.postMessage([kind, id, value])
  }

  close(): void {
    this.post('close', 0)
    this.#closed()
  }

  #closed(): void {
    const error = new ProtocolError('Unavailable', 'The channel was closed')
    this.#controller.abort(error)
    this.#port.removeEventListener('message', this.#onMessage)
    for (const stream of this.#streams.values()) stream.abort(error)
  }

  #dispatch(message: unknown): void {
    if (!Array.isArray(message)) return
    const [kind, id, value] = message as [Kind, unknown, unknown]
    if (kind === 'close') this.#closed()
    if (!Number.isSafeInteger(id)) return
    const stream = this.#streams.get(id as number)
    if (stream === undefined) this.#onOther(kind, id as number, value)
    else stream.receive(kind, value)
  }
}

class PortStream implements ByteStream {
  readonly closed: AbortSignal
  readonly source: ChunkQueue
  readonly #controller = new AbortController()
  readonly #post: (kind: Kind, value?: unknown) => void
  #underWay = 0
  #room: Deferred | undefined
  #isEnded = false

  constructor(post: (kind: Kind, value?: unknown) => void) {
    this.#post = post
    this.closed = this.#controller.signal
    this.source = new ChunkQueue(size => {
      if (!this.closed.aborted) this.#post('taken', size)
    })
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#isEnded) throw this.source.error ?? new ProtocolError('Unavailable', 'The stream was ended')
    // Cloning a view clones all the memory behind it
    this.#post('data', chunk.length === chunk.buffer.byteLength ? chunk : chunk.slice())
    this.#underWay += chunk.length
    if (this.#underWay < portWindow) return undefined
    this.#room ??= deferred()
    return this.#room.promise
  }

  async end(): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#post('end')
    this.#settle()
  }

  abort(error: Error): void {
    if (this.closed.aborted) return
    this.#post('abort')
    this.#break(error)
  }

  receive(kind: Kind, value: unknown): void {
    if (kind === 'data' && value instanceof Uint8Array) {
      this.source.push(value)
      if (this.source.size > maxUnread) this.abort(new ProtocolError('ResourceExhausted', 'The peer does not wait'))
    } else if (kind === 'taken' && Number.isSafeInteger(value) && (value as number) <= this.#underWay) {
      this.#underWay -= value as number
      if (this.#underWay < portWindow) this.#drain()
    } else if (kind === 'end') {
      this.source.end()
      this.#settle()
    } else {
      this.#break(new ProtocolError('Unavailable', 'The peer broke the stream'))
    }
  }

  #break(error: Error): void {
    this.#isEnded = true
    this.source.fail(error)
    this.#drain()
    this.#controller.abort(error)
  }

  #settle(): void {
    this.#drain()
    if (this.#isEnded && this.source.isEnded) this.#controller.abort()
  }

  #drain(): void {
    this.#room?.resolve()
    this.#room = undefined
  }
}
