import type { Listener, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Components } from './dial-address.ts'

export interface MendInit {
  /** The address as a URL */
  readonly toUri: (address: Multiaddr) => string
  /** Sockets of one listener at once */
  readonly maxSockets?: number
  /** Until a socket of a listener must have become a WebSocket, in ms */
  readonly upgradeMs?: number
}

type WebSocketLike = Pick<WebSocket, 'close'> & { terminate?(): void }

interface Emitter {
  on(event: string, listener: (detail: never) => void): unknown
}

/** What is replaced or added to; the transport and its listener have it beside their interfaces. */
interface WebSocketTransport extends Transport {
  _connect(address: Multiaddr, options?: { readonly signal?: AbortSignal }): Promise<WebSocket>
}
interface WebSocketListener extends Listener {
  readonly server: Emitter & { maxConnections: number }
  onWsServerConnection(socket: WebSocketLike & Emitter, request: unknown): void
}
interface RawSocket {
  setTimeout(ms: number, onTimeout: () => void): void
  destroy(): void
}

/**
 * `@libp2p/websockets` 10.1 with what it leaves open closed:
 * - A frame that breaks the rules (RFC 6455 §5.1) ends that connection; `ws` tells of it by an error event, to which nobody listens,
 *   so that one frame of a stranger ended the process.
 * - A connection that is aborted is closed, and so is a dial that is given up.
 * - Sockets that never become a WebSocket are closed after a while, and of all there are only so many.
 */
export function mendWebSockets(
  make: (components: Components) => Transport,
  { toUri, maxSockets, upgradeMs }: MendInit
): (components: Components) => Transport {
  return components => {
    const transport = make(components) as WebSocketTransport
    transport._connect = (address, options) => connect(toUri(address), options?.signal)
    const create = transport.createListener.bind(transport)
    transport.createListener = options => {
      const listener = create(options) as WebSocketListener
      const take = listener.onWsServerConnection.bind(listener)
      listener.onWsServerConnection = (socket, request) => {
        socket.on('error', () => socket.terminate?.())
        mendClose(socket)
        take(socket, request)
      }
      // Sockets that could not be accepted, as there are no more file descriptors, are no reason to end
      listener.server.on('error', () => {})
      if (maxSockets !== undefined) listener.server.maxConnections = maxSockets
      // `ws` takes the time limit away with the upgrade
      if (upgradeMs !== undefined) {
        listener.server.on('connection', (raw: RawSocket) => raw.setTimeout(upgradeMs, () => raw.destroy()))
      }
      return listener
    }
    return transport
  }
}

async function connect(uri: string, signal: AbortSignal | undefined): Promise<WebSocket> {
  signal?.throwIfAborted()
  const socket = new WebSocket(uri)
  socket.binaryType = 'arraybuffer'
  try {
    await opened(socket, signal)
  } catch (error) {
    socket.close()
    throw error
  }
  mendClose(socket)
  return socket
}

function opened(socket: WebSocket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal!.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.addEventListener('open', () => resolve(), { once: true })
    // A browser says no more than that, so as not to tell what is in a network
    socket.addEventListener('error', () => reject(new Error(`No WebSocket at ${socket.url}`)), { once: true })
    for (const name of ['open', 'error']) {
      socket.addEventListener(name, () => signal?.removeEventListener('abort', onAbort), { once: true })
    }
  })
}

/** libp2p aborts a connection with 1006, which nobody may give (RFC 6455 §7.4.1): it throws, and the socket stays open for good. */
function mendClose(socket: WebSocketLike): void {
  const close = socket.close.bind(socket)
  socket.close = (code, reason) => {
    if (code !== 1006) close(code, reason)
    else if (socket.terminate === undefined) close()
    else socket.terminate()
  }
}
