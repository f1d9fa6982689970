/**
 * Streams over a MessagePort, between a page and the experience in its frame or a worker. Messages are arrays
 * `[kind, stream, value?]`; the caller numbers the streams. The other side is not trusted: every message is checked, and who
 * sends more than the window allows has its stream broken.
 */
import { anySignal } from './any-signal.ts'
import type { ByteStream, Channel, OpenedStream } from './byte-stream.ts'
import type { Caller } from './caller.ts'
import { isErrorCode, ProtocolError } from './errors.ts'
import { type PortLike, PortStreams } from './port-streams.ts'
import type { ProtocolServer } from './server.ts'

/** Streams of one port, far above what the limits of the contracts let through. */
const maxStreams = 256
const maxOffered = 1000
/** Characters of what is said about a refusal */
const maxWords = 512

/** The calling side; `close` tells the other side and leaves the port open. */
export function messagePortChannel(port: PortLike): Channel {
  const streams = new PortStreams(port)
  const waiting = new Map<number, { settle: (opened: OpenedStream) => void; refuse: (error: Error) => void }>()
  let lastId = 0
  streams.listen((kind, id, value) => {
    const opening = waiting.get(id)
    if (opening === undefined || (kind !== 'opened' && kind !== 'refused')) return
    waiting.delete(id)
    if (kind === 'refused') opening.refuse(toRefusal(value))
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

/** Passes the streams of a port on to a channel, byte for byte; the returned function breaks them all and stops listening. */
export function forwardMessagePort(port: PortLike, channel: Channel): () => void {
  const streams = new PortStreams(port)
  const opening = new Map<number, AbortController>()
  streams.listen((kind, id, value) => {
    if (kind === 'abort') opening.get(id)?.abort()
    if (kind !== 'open' || !Array.isArray(value) || value.length > maxOffered) return
    if (streams.count + opening.size >= maxStreams || streams.has(id) || opening.has(id)) {
      return streams.post('refused', id, 'ResourceExhausted')
    }
    const controller = new AbortController()
    opening.set(id, controller)
    const offered = value.filter(one => typeof one === 'string')
    channel
      .openStream(offered, { signal: anySignal(streams.closed, controller.signal) })
      .then(({ stream, protocolId }) => {
        opening.delete(id)
        if (controller.signal.aborted) return stream.abort(new ProtocolError('Cancelled', 'Nobody waits any more'))
        const near = streams.create(id)
        streams.post('opened', id, protocolId)
        void pump(near, stream)
        void pump(stream, near)
      })
      .catch(error => {
        opening.delete(id)
        streams.post('refused', id, error instanceof ProtocolError ? [error.code, error.message] : 'Unavailable')
      })
  })
  return () => streams.close()
}

/** One direction, with the back pressure of whoever reads; what breaks one end breaks the other. */
async function pump(from: ByteStream, to: ByteStream): Promise<void> {
  const broke = () => to.abort(new ProtocolError('Unavailable', 'The other end broke'))
  try {
    for await (const chunk of from.source) await to.write(chunk)
    await to.end()
  } catch {
    broke()
    from.abort(new ProtocolError('Unavailable', 'The other end broke'))
  }
}

/** A code, or a code and the words for it. */
function toRefusal(value: unknown): ProtocolError {
  const [code, words] = Array.isArray(value) ? (value as unknown[]) : [value]
  const message = typeof words === 'string' ? words.slice(0, maxWords) : 'The peer refused the stream'
  return new ProtocolError(isErrorCode(code) ? code : 'Unavailable', message)
}
