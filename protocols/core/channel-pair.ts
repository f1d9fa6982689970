import type { ByteStream, Channel } from './byte-stream.ts'
import type { Caller } from './caller.ts'
import { ChunkQueue, type Deferred, deferred } from './chunk-queue.ts'
import { ProtocolError } from './errors.ts'
import type { ProtocolServer } from './server.ts'

/** Bytes queued in one direction before the writer is asked to wait. */
const highWaterMark = 64 * 1024

/** A channel in memory, for specs and for whoever lives in the same process. The chunks are passed on, not copied. */
export function channelPair(server: ProtocolServer, caller: Caller, options?: { relayed?: boolean }): Channel {
  const controller = new AbortController()
  const relayed = options?.relayed ?? false
  const open = new Set<ByteStream>()
  const channel: Channel = {
    relayed,
    closed: controller.signal,
    openStream: async (protocolIds, { signal } = {}) => {
      signal?.throwIfAborted()
      if (controller.signal.aborted) throw new ProtocolError('Unavailable', 'The channel is closed')
      const protocolId = protocolIds.find(id => server.protocolIds.includes(id))
      if (protocolId === undefined) throw new ProtocolError('Unimplemented', 'The peer does not offer this protocol')
      const [near, far] = streamPair()
      open.add(near)
      near.closed.addEventListener('abort', () => open.delete(near), { once: true })
      void server.accept(protocolId, far, caller, { relayed, connection: channel })
      return { stream: near, protocolId }
    },
    close: async () => {
      const error = new ProtocolError('Unavailable', 'The channel was closed')
      controller.abort(error)
      for (const stream of open) stream.abort(error)
    }
  }
  return channel
}

/** Two ends of one stream in memory. */
export function streamPair(): [ByteStream, ByteStream] {
  const there = new Pipe()
  const back = new Pipe()
  return [toEnd(there, back), toEnd(back, there)]
}

function toEnd(outgoing: Pipe, incoming: Pipe): ByteStream {
  const controller = new AbortController()
  const settle = () => {
    if (outgoing.isEnded && incoming.isEnded) controller.abort(outgoing.error ?? incoming.error)
  }
  outgoing.listeners.push(settle)
  incoming.listeners.push(settle)
  return {
    source: incoming.queue,
    write: chunk => outgoing.write(chunk),
    end: async () => outgoing.end(),
    abort: error => {
      outgoing.fail(error)
      incoming.fail(error)
    },
    closed: controller.signal
  }
}

/** One direction, which makes its writer wait. */
class Pipe {
  readonly listeners: (() => void)[] = []
  readonly queue = new ChunkQueue(() => {
    if (this.queue.size < highWaterMark) this.#drain()
  })
  #drained: Deferred | undefined

  get isEnded(): boolean {
    return this.queue.isEnded
  }

  get error(): Error | undefined {
    return this.queue.error
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.isEnded) throw this.error ?? new ProtocolError('Unavailable', 'The stream was ended')
    this.queue.push(chunk)
    if (this.queue.size < highWaterMark) return undefined
    this.#drained ??= deferred()
    return this.#drained.promise
  }

  end(): void {
    if (this.isEnded) return
    this.queue.end()
    this.#over()
  }

  fail(error: Error): void {
    if (this.isEnded) return
    this.queue.fail(error)
    this.#over()
  }

  #over(): void {
    this.#drain()
    for (const listener of this.listeners) listener()
  }

  #drain(): void {
    this.#drained?.resolve()
    this.#drained = undefined
  }
}
