import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import type { ByteStream, Caller, Channel, Deferred, ProtocolServer } from '../core/index.ts'
import { ChunkQueue, deferred, ProtocolError, toError } from '../core/index.ts'
import { calmWindow } from './calm-window.ts'
import { countHeld } from './held-bytes.ts'
import { countCalls, isLeft, noteMoved } from './leave-connection.ts'
import { sendWholeMessages } from './whole-messages.ts'

/** What of a libp2p node the carrier uses. */
export interface Libp2pNode {
  handle(
    protocol: string,
    handler: (stream: Stream, connection: Connection) => void | Promise<void>,
    options?: { maxInboundStreams?: number; runOnLimitedConnection?: boolean }
  ): Promise<void>
  unhandle(protocols: string[]): Promise<void>
  getConnections(peer?: PeerId): Connection[]
}

/** Unsent bytes of one stream; endless by default, so that a slow reader fills the memory. */
export const maxUnsentBytes = 4 * 1024 * 1024
/** Bytes that wait unread before the stream is paused. */
const readHighWaterMark = 256 * 1024

/**
 * Calls over libp2p streams, to a connection or to a peer (then over its best connection). `close` breaks the channel's own
 * streams; the connection belongs to the node. Nothing is dialled here: whom to dial, where and when is the root's to say.
 */
export function libp2pChannel(node: Libp2pNode, target: PeerId | Connection): Channel {
  const controller = new AbortController()
  const fixed = 'newStream' in target ? target : undefined
  const open = new Set<ByteStream>()
  const current = () => fixed ?? bestConnection(node.getConnections(target as PeerId))
  const closed = () => controller.abort(new ProtocolError('Unavailable', 'The connection closed'))
  fixed?.addEventListener('close', closed, { once: true })
  return {
    get relayed() {
      const connection = current()
      return connection !== undefined && isRelayed(connection)
    },
    closed: controller.signal,
    openStream: async (protocolIds, { signal } = {}) => {
      if (controller.signal.aborted) throw new ProtocolError('Unavailable', 'The channel is closed')
      try {
        const connection = current()
        if (connection === undefined) throw new Error('There is no connection with the peer')
        // Without the option a relayed connection refuses here; whether to serve over a relay is the contract's to say
        const options = { signal, runOnLimitedConnection: true }
        const stream = await connection.newStream([...protocolIds], options)
        const bytes = toByteStream(stream)
        open.add(bytes)
        bytes.closed.addEventListener('abort', () => open.delete(bytes), { once: true })
        const isMoving = fixed === undefined && { isLeft: () => isLeft(connection) }
        return { stream: { ...bytes, ...isMoving }, protocolId: stream.protocol }
      } catch (thrown) {
        const error = toError(thrown)
        const isUnsupported = error.name === 'UnsupportedProtocolError'
        if (isUnsupported)
          throw new ProtocolError('Unimplemented', 'The peer does not offer this protocol', { cause: error })
        throw new ProtocolError('Unavailable', 'The peer could not be reached', { cause: error })
      }
    },
    close: async () => {
      fixed?.removeEventListener('close', closed)
      const error = new ProtocolError('Unavailable', 'The channel was closed')
      controller.abort(error)
      for (const stream of open) stream.abort(error)
    }
  }
}

/** Answers a server's protocols on a node until the returned function is called. */
export async function registerServer(
  node: Libp2pNode,
  server: ProtocolServer,
  callerOf: (connection: Connection, protocolId: string) => Caller | Promise<Caller>
): Promise<() => Promise<void>> {
  const handled: string[] = []
  try {
    for (const id of server.protocolIds) {
      const limits = server.limitsOf(id)!
      // The kernel counts streams itself and says why it refuses; libp2p's own limit, a bare reset, stands a little behind it
      const maxInboundStreams = limits.maxInboundStreams + 8
      // Never libp2p's middleware: each inbound stream adds the handler to it once more, so that the n-th stream runs it n times.
      // A second handler of an id throws; forcing it would silently take the protocol from whoever had it
      await node.handle(id, accept(id), { maxInboundStreams, runOnLimitedConnection: true })
      handled.push(id)
    }
  } catch (error) {
    await node.unhandle(handled)
    throw error
  }
  return () => node.unhandle(handled)

  function accept(id: string) {
    // Returning without closing leaks the stream, so the handler lasts until the kernel has ended it
    return async (stream: Stream, connection: Connection) => {
      const bytes = toByteStream(stream)
      let caller: Caller | Promise<Caller>
      try {
        caller = callerOf(connection, id)
      } catch (error) {
        bytes.abort(toError(error))
        return
      }
      await server.accept(id, bytes, caller, { relayed: isRelayed(connection), connection })
    }
  }
}

/** A libp2p stream with back pressure in both directions. */
export function toByteStream(stream: Stream): ByteStream {
  const controller = new AbortController()
  calmWindow(stream)
  sendWholeMessages(stream)
  // Unlimited by default. Our writer waits for `drain`, so a message or two is all that ever waits
  stream.maxWriteBufferLength = Math.min(stream.maxWriteBufferLength ?? Infinity, maxUnsentBytes)
  // Iterating a stream queues without bound: instead it is paused while too much waits
  const queue = new ChunkQueue(() => {
    if (queue.size < readHighWaterMark && stream.readStatus === 'paused') stream.resume()
  })
  countHeld(stream, () => queue.size)
  stream.addEventListener('message', ({ data }) => {
    noteMoved(stream)
    if (data instanceof Uint8Array) queue.push(data)
    else for (const chunk of data) queue.push(chunk)
    if (queue.size >= readHighWaterMark && stream.readStatus === 'readable') stream.pause()
  })
  // Listened to once for all waits, of which a large transfer has one for every other message
  let drain: Deferred | undefined
  stream.addEventListener('drain', () => {
    drain?.resolve()
    drain = undefined
  })
  stream.addEventListener('end', () => endQueue())
  stream.addEventListener('close', event => {
    const error = event.error
    endQueue(error)
    drain?.reject(error ?? new ProtocolError('Unavailable', 'The stream closed'))
    controller.abort(error)
  })
  if (stream.readableEnded) endQueue()
  if (stream.status !== 'open' && stream.status !== 'closing') controller.abort()
  return {
    source: queue,
    write: send,
    writeTogether: chunks => send(new Uint8ArrayList(...chunks)),
    end: async () => {
      try {
        await stream.close()
      } catch (thrown) {
        throw toError(thrown)
      }
    },
    abort: error => stream.abort(error),
    closed: controller.signal,
    countHeld: held => countHeld(stream, held),
    countCalls: calls => countCalls(stream, calls)
  }

  function send(data: Uint8Array | Uint8ArrayList): Promise<void> | undefined {
    noteMoved(stream)
    return stream.send(data) ? undefined : drained()
  }

  function drained(): Promise<void> | undefined {
    if (!stream.writableNeedsDrain) return undefined
    drain ??= deferred()
    return drain.promise
  }

  // After a reset a stream reads like one that ended well: only the status tells
  function endQueue(error?: Error): void {
    const isBroken = error !== undefined || stream.status === 'reset' || stream.status === 'aborted'
    if (isBroken) queue.fail(error ?? new ProtocolError('Unavailable', 'The peer reset the stream'))
    else queue.end()
  }
}

function isRelayed(connection: Connection): boolean {
  return !connection.direct || connection.limits !== undefined
}

/** Of those that are open: direct before relayed, newer before older. */
export function bestConnection(connections: Connection[]): Connection | undefined {
  const open = connections.filter(connection => connection.status === 'open')
  return open.findLast(connection => !isRelayed(connection)) ?? open.at(-1)
}
