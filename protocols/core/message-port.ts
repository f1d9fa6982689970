/**
 * Streams over a MessagePort, between a page and the experience in its frame or a worker. Messages are arrays
 * `[kind, stream, value?]`; the caller numbers the streams. The other side is not trusted: every message is checked, and who
 * sends more than the window allows has its stream broken.
 */
import type { ByteStream, Channel, OpenedStream } from './byte-stream.ts'
import type { Caller } from './caller.ts'
import { ChunkQueue, type Deferred, deferred } from './chunk-queue.ts'
import { type ErrorCode, isErrorCode, ProtocolError } from './errors.ts'
import type { ProtocolServer } from './server.ts'

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
/** Streams of one port, far above what the limits of the contracts let through. */
const maxStreams = 256
const maxOffered = 1000

type Kind = 'open' | 'opened' | 'refused' | 'data' | 'taken' | 'end' | 'abort' | 'close'

/** The calling side; `close` tells the other side and leaves the port open. */
export function messagePortChannel(port: PortLike): Channel {
  const streams = new PortStreams(port)
  const waiting = new Map<number, { settle: (opened: OpenedStream) => void; refuse: (error: Error) => void }>()
  let lastId = 0
  streams.listen((kind, id, value) => {
    const opening = waiting.get(id)
    if (opening === undefined || (kind !== 'opened' && kind !== 'refused')) return
    waiting.delete(id)
    const code: ErrorCode = isErrorCode(value) ? value : 'Unavailable'
    if (kind === 'refused') opening.refuse(new ProtocolError(code, 'The peer refused the stream'))
    else opening.settle({ stream: streams.create(id), protocolId: String(value) })
  })
  return {
    relayed: false,
    closed: streams.closed,
    openStream: (protocolIds, { signal } = {}) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        if (streams.closed.aborted) throw new ProtocolError('Unavailable', 'The channel is closed')
        const id = ++lastId
        const forget = () => {
          waiting.delete(id)
          signal?.removeEventListener('abort', onAbort)
          streams.closed.removeEventListener('abort', onClosed)
        }
        const onAbort = () => {
          forget()
          streams.post('abort', id)
          reject(signal!.reason)
        }
        const onClosed = () => {
          forget()
          reject(new ProtocolError('Unavailable', 'The channel was closed'))
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        streams.closed.addEventListener('abort', onClosed, { once: true })
        const settle = (opened: OpenedStream) => {
          forget()
          resolve(opened)
        }
        const refuse = (error: Error) => {
          forget()
          reject(error)
        }
        waiting.set(id, { settle, refuse })
        streams.post('open', id, [...protocolIds])
      }),
    close: async () => streams.close()
  }
}

/** The answering side; the returned function breaks all streams and stops listening. */
export function serveMessagePort(port: PortLike, server: ProtocolServer, caller: Caller | Promise<Caller>): () => void {
  const streams = new PortStreams(port)
  streams.listen((kind, id, value) => {
    if (kind !== 'open' || !Array.isArray(value) || value.length > maxOffered) return
    const protocolId = value.find(offered => server.protocolIds.includes(offered))
    if (protocolId === undefined) return streams.post('refused', id, 'Unimplemented')
    if (streams.count >= maxStreams || streams.has(id)) return streams.post('refused', id, 'ResourceExhausted')
    const stream = streams.create(id)
    streams.post('opened', id, protocolId)
    void server.accept(protocolId, stream, caller, { relayed: false, connection: streams })
  })
  return () => streams.close()
}

/** The streams of one port by number. */
class PortStreams {
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
