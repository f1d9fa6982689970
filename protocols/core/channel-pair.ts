import type { ByteStream, Channel } from './byte-stream.ts'
import type { Caller } from './caller.ts'
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
      server.accept(protocolId, far, caller, { relayed, connection: channel })
      return { stream: near, protocolId }
    },
    close: async () => {
      controller.abort()
      for (const stream of open) stream.abort(new ProtocolError('Unavailable', 'The channel was closed'))
    }
  }
  return channel
}

/** Two ends of one stream in memory. */
export function streamPair(): [ByteStream, ByteStream] {
  const there = new Pipe()
  const back = new Pipe()
  return [end(there, back), end(back, there)]
}

function end(outgoing: Pipe, incoming: Pipe): ByteStream {
  const controller = new AbortController()
  const settle = () => {
    if (outgoing.isDone && incoming.isDone) controller.abort(outgoing.error ?? incoming.error)
  }
  outgoing.onDone(settle)
  incoming.onDone(settle)
  return {
    source: incoming,
    write: chunk => outgoing.write(chunk),
    end: async () => outgoing.end(),
    abort: error => {
      outgoing.break(error)
      incoming.break(error)
    },
    closed: controller.signal
  }
}

/** One direction: a queue of chunks that makes its writer wait. */
class Pipe implements AsyncIterable<Uint8Array> {
  error: Error | undefined
  isDone = false
  readonly #chunks: Uint8Array[] = []
  readonly #listeners: (() => void)[] = []
  #size = 0
  #wakeReader = () => {}
  #drained: { promise: Promise<void>; resolve: () => void } | undefined

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.isDone) throw this.error ?? new ProtocolError('Unavailable', 'The stream was ended')
    this.#chunks.push(chunk)
    this.#size += chunk.length
    this.#wakeReader()
    if (this.#size < highWaterMark) return undefined
    this.#drained ??= deferred()
    return this.#drained.promise
  }

  end(): void {
    if (this.isDone) return
    this.isDone = true
    this.#wake()
  }

  break(error: Error): void {
    // What was written before a regular end still arrives, as it does on a network
    if (this.isDone) return
    this.error = error
    this.#chunks.length = 0
    this.isDone = true
    this.#wake()
  }

  onDone(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (true) {
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#size -= chunk.length
        if (this.#size < highWaterMark) this.#drain()
        yield chunk
      } else if (this.error !== undefined) {
        throw this.error
      } else if (this.isDone) {
        return
      } else {
        await new Promise<void>(resolve => {
          this.#wakeReader = resolve
        })
      }
    }
  }

  #wake(): void {
    this.#drain()
    this.#wakeReader()
    for (const listener of this.#listeners) listener()
  }

  #drain(): void {
    this.#drained?.resolve()
    this.#drained = undefined
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
