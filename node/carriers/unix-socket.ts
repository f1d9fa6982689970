import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { ByteStream, Caller, Channel, ProtocolServer } from '../../protocols/core/index.ts'
import { decodeCbor, encodeCbor, ProtocolError, toError, unreadBytes, unsentBytes } from '../../protocols/core/index.ts'

/**
 * Each stream is a connection of its own, which the system gives for some ten microseconds. It opens with the caller's offer
 * and the server's choice, each two bytes of length and a CBOR list of protocol ids; an empty list refuses.
 */
const maxOfferSize = 4096
/** Time for the offer or the choice to arrive: a local socket is fast, but a small machine may be busy for seconds. */
const offerTimeoutMs = 30_000

export interface UnixSocketServer {
  /** Stops listening, breaks open streams, removes the socket. */
  close(): Promise<void>
}

/** Serves everybody who may open the socket as `caller`: the folder is 0700, so that is this user. */
export async function serveUnixSocket(path: string, server: ProtocolServer, caller: Caller): Promise<UnixSocketServer> {
  await preparePath(path)
  const open = new Set<Socket>()
  const connection = {}
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: false }, socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => {})
    accept(socket).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    // For good: a connection that cannot be taken, since too many files are open, is an error of the server
    listener.on('error', reject)
    listener.listen(path, resolve)
  })
  await chmod(path, 0o600)
  return {
    close: async () => {
      const closed = new Promise<void>(resolve => listener.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    }
  }

  async function accept(socket: Socket): Promise<void> {
    const stream = toByteStream(socket)
    const { ids: offered, rest } = await readIds(socket, stream)
    const chosen = offered.find(id => server.protocolIds.includes(id))
    socket.write(writeIds(chosen === undefined ? [] : [chosen]))
    if (chosen === undefined) socket.end()
    else await server.accept(chosen, { ...stream, source: rest }, caller, { relayed: false, connection })
  }
}

/** A channel to a twin on this machine; nothing is connected before the first stream. */
export function unixSocketChannel(path: string): Channel {
  const controller = new AbortController()
  const open = new Set<ByteStream>()
  return {
    relayed: false,
    closed: controller.signal,
    openStream: async (protocolIds, { signal } = {}) => {
      signal?.throwIfAborted()
      if (controller.signal.aborted) throw new ProtocolError('Unavailable', 'The channel is closed')
      await checkOwner(dirname(path))
      await checkOwner(path)
      const socket = await dial(path, signal)
      const stream = toByteStream(socket)
      socket.write(writeIds(protocolIds))
      const { ids, rest } = await readIds(socket, stream)
      const [protocolId] = ids
      if (protocolId === undefined || !protocolIds.includes(protocolId)) {
        socket.destroy()
        throw new ProtocolError('Unimplemented', 'The twin does not offer this protocol')
      }
      open.add(stream)
      stream.closed.addEventListener('abort', () => open.delete(stream), { once: true })
      return { stream: { ...stream, source: rest }, protocolId }
    },
    close: async () => {
      const error = new ProtocolError('Unavailable', 'The channel was closed')
      controller.abort(error)
      for (const stream of open) stream.abort(error)
    }
  }
}

function dial(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true, signal })
    const fail = (error: Error) =>
      reject(new ProtocolError('Unavailable', 'No twin answers on this socket', { cause: error }))
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

function toByteStream(socket: Socket): ByteStream {
  const controller = new AbortController()
  let failure: Error | undefined
  socket.once('error', error => {
    failure ??= error
  })
  socket.once('close', () => controller.abort(failure))
  return {
    source: plainChunks(socket),
    write: chunk => {
      if (socket.destroyed) throw failure ?? new ProtocolError('Unavailable', 'The stream is closed')
      return socket.write(chunk, () => unsentBytes.spend(chunk)) ? undefined : drained(socket)
    },
    end: () => new Promise(resolve => (socket.destroyed ? resolve() : socket.end(resolve))),
    abort: error => {
      failure ??= error
      socket.destroy(error)
    },
    closed: controller.signal
  }
}

/** Node's chunks as plain arrays: `slice` of a `Buffer` shares memory. Leaving the loop does not close the socket. */
async function* plainChunks(socket: Socket): AsyncGenerator<Uint8Array> {
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    const plain = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    unreadBytes.freeWhenSpent(plain)
    yield plain
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => () => {
      socket.off('drain', onDrain)
      socket.off('close', onClose)
      action()
    }
    const onDrain = settle(resolve)
    const onClose = settle(() => reject(new ProtocolError('Unavailable', 'The stream is closed')))
    socket.once('drain', onDrain)
    socket.once('close', onClose)
  })
}

function writeIds(ids: readonly string[]): Uint8Array {
  const body = encodeCbor(ids)
  if (body.length > maxOfferSize) throw new RangeError('Too many protocol ids to offer')
  return new Uint8Array([body.length >>> 8, body.length & 0xff, ...body])
}

/** The first message, and the chunks after it: neither side sends those before the choice was made. */
async function readIds(
  socket: Socket,
  stream: ByteStream
): Promise<{ ids: string[]; rest: AsyncIterable<Uint8Array> }> {
  const iterator = stream.source[Symbol.asyncIterator]()
  const timer = setTimeout(() => socket.destroy(), offerTimeoutMs)
  try {
    let message = new Uint8Array(0)
    while (message.length < 2 || message.length < sizeOf(message)) {
      if (message.length >= 2 && sizeOf(message) > maxOfferSize + 2) throw unexpected('Offer is too long')
      const { done, value } = await iterator.next()
      if (done) throw new ProtocolError('Unavailable', 'The twin ended the stream before it began')
      message = new Uint8Array([...message, ...value])
    }
    if (message.length > sizeOf(message)) throw unexpected('Bytes follow the offer')
    const ids = decodeCbor(message.subarray(2))
    if (!Array.isArray(ids) || !ids.every(id => typeof id === 'string')) throw unexpected('Not a list of ids')
    return { ids, rest: { [Symbol.asyncIterator]: () => iterator } }
  } catch (error) {
    socket.destroy()
    if (error instanceof ProtocolError) throw error
    throw new ProtocolError('Unavailable', 'The twin did not answer', { cause: toError(error) })
  } finally {
    clearTimeout(timer)
  }
}

function sizeOf(message: Uint8Array): number {
  return 2 + ((message[0]! << 8) | message[1]!)
}

function unexpected(message: string): ProtocolError {
  return new ProtocolError('InvalidArgument', message)
}

/** A folder of this user's own that nobody else may enter; a socket left by a twin that died is removed. */
async function preparePath(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await checkOwner(dirname(path))
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw new Error('Cannot listen: the path is taken by something that is not a socket')
  const other = await dial(path, undefined).catch(() => undefined)
  if (other !== undefined) {
    other.destroy()
    throw new Error('Cannot listen: another twin answers on this socket')
  }
  await rm(path)
}

/** Whoever else could have put the socket there could answer in the twin's place. */
async function checkOwner(path: string): Promise<void> {
  const found = await lstat(path).catch(error => {
    throw new ProtocolError('Unavailable', 'No twin answers on this socket', { cause: error })
  })
  const isOurs = found.uid === process.getuid?.() && !found.isSymbolicLink()
  const isClosed = !found.isDirectory() || (found.mode & 0o077) === 0
  if (!isOurs || !isClosed) throw new ProtocolError('PermissionDenied', 'The control socket is open to other users')
}
