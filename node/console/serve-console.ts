import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { isOverPlainHttp } from '../../protocols/pairing/protocol.ts'
import { admitRequest, type Refusal } from './admit-request.ts'
import type { ConsoleFile, ConsoleFiles } from './console-files.ts'
import { securityHeaders } from './security-headers.ts'

export interface ServeConsoleInit {
  readonly files: ConsoleFiles
  /** Port to take; when it is used by somebody else any free one is taken. Default 4180 */
  readonly port?: number
  /** Address in the local network to answer at as well; `0.0.0.0` for all of this machine */
  readonly listen?: string
}

export interface ConsoleServer {
  /** `http://127.0.0.1:4180/` */
  readonly url: string
  /** `http://192.0.2.7:4180/`, where it answers at an address that other machines reach */
  readonly networkUrl: string | undefined
  readonly port: number
  close(): Promise<void>
}

export const defaultConsolePort = 4180

/** A browser opens six connections; a few browsers, and room for one that does not close. */
const maxConnections = 64
const headersMs = 5000
const requestMs = 10_000
/** A reader that takes nothing for so long has gone */
const silentMs = 20_000
/** Cookies know no port: whatever other programs of this machine have set comes along */
const maxHeaderBytes = 64 * 1024
/** A port that is free at one address may be taken at the other */
const maxTries = 10

/**
 * Serves the console's files on loopback, over plain http as browsers trust it there. It knows nothing of the twin: who
 * controls this server, or talks to it, holds no authority.
 */
export async function serveConsole(init: ServeConsoleInit): Promise<ConsoleServer> {
  const { files, port = defaultConsolePort, listen } = init
  const hosts = new Set<string>()
  const servers: Server[] = []
  const open = async (host: string, at: number) => {
    const server = makeServer(files, hosts)
    await listenAt(server, host, at)
    servers.push(server)
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : at
  }
  const close = async () => {
    await Promise.all(servers.splice(0).map(closeServer))
  }
  const first = listen !== undefined && isEverywhere(listen) ? listen : '127.0.0.1'
  /** Both, or none: whoever had the other half would be what a browser finds at `localhost` first. */
  const openPair = async (at: number) => {
    try {
      const taken = await open(first, at)
      await open('::1', taken).catch((error: { code?: string }) => {
        // Where there is no IPv6 the other two names do
        if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error
      })
      return taken
    } catch (error) {
      await close()
      throw error
    }
  }
  const openFreePair = async (wanted: number) => {
    for (let tries = 0; ; tries++) {
      try {
        return await openPair(tries === 0 ? wanted : 0)
      } catch (error) {
        const { code } = error as { code?: string }
        if ((code !== 'EADDRINUSE' && code !== 'EACCES') || tries === maxTries) throw error
      }
    }
  }
  try {
    const taken = await openFreePair(port)
    if (listen !== undefined && !isEverywhere(listen) && !isLoopback(listen)) await open(listen, taken)
    const names = namesOf(listen)
    for (const name of ['127.0.0.1', 'localhost', '[::1]', ...names]) hosts.add(`${name}:${taken}`)
    const network = names.map(name => `http://${name}:${taken}/`).find(isOverPlainHttp)
    return { url: `http://127.0.0.1:${taken}/`, networkUrl: network, port: taken, close }
  } catch (error) {
    await close()
    throw error
  }
}

function makeServer(files: ConsoleFiles, hosts: ReadonlySet<string>): Server {
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 5000,
      requireHostHeader: false
    },
    (request, response) => answer(request, response, files, hosts)
  )
  server.maxConnections = maxConnections
  server.maxRequestsPerSocket = 1000
  server.setTimeout(silentMs, socket => socket.destroy())
  // Neither a WebSocket nor a tunnel ends here
  server.on('upgrade', (_request, socket) => refuseSocket(socket as Socket, 400))
  server.on('connect', (_request, socket) => refuseSocket(socket as Socket, 405))
  server.on('checkExpectation', (_request, response) => refuse(response, { status: 417, text: 'Nothing to expect' }))
  server.on('clientError', (error: { code?: string }, socket) => {
    // A browser keeps a spare connection that says nothing, and would take these words for the answer to what it asks next
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') socket.destroy()
    else refuseSocket(socket as Socket, 400)
  })
  return server
}

function answer(request: IncomingMessage, response: ServerResponse, files: ConsoleFiles, hosts: ReadonlySet<string>) {
  const { method = '', headers, rawHeaders } = request
  const hostCount = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length
  const refusal = admitRequest({ method, headers, hostCount }, hosts)
  if (refusal !== undefined) return refuse(response, refusal)
  // What follows the question mark means nothing here
  const file = files.get(request.url?.split('?', 1)[0] ?? '')
  if (file === undefined) return refuse(response, { status: 404, text: 'No such file' })
  const tag = etagOf(file)
  const known = headers['if-none-match'] === tag
  response.writeHead(known ? 304 : 200, {
    ...securityHeaders,
    'content-type': file.type,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: tag,
    ...(known ? {} : { 'content-length': file.body.length })
  })
  response.end(known || method === 'HEAD' ? undefined : file.body)
}

function refuse(response: ServerResponse, { status, text }: Refusal): void {
  // Whatever else this connection carries is not read
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
    'content-length': text.length + 1
  })
  response.end(`${text}\n`)
}

function refuseSocket(socket: Socket, status: number): void {
  // Node listens no more where it hands a socket over, and whoever it came from may have gone
  socket.on('error', () => {})
  if (socket.writable) socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  socket.destroySoon()
}

const tags = new WeakMap<ConsoleFile, string>()

function etagOf(file: ConsoleFile): string {
  let tag = tags.get(file)
  if (tag === undefined) {
    // FNV-1a tells one build of a file from the next; nobody gains by a collision in their own browser
    let hash = 0x811c9dc5
    for (const byte of file.body) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
    tag = `"${hash.toString(36)}-${file.body.length.toString(36)}"`
    tags.set(file, tag)
  }
  return tag
}

function listenAt(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // For good: a connection that cannot be taken, since too many files are open, is an error of the server
    server.on('error', reject)
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, resolve)
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const isEverywhere = (host: string) => host === '0.0.0.0'
const isLoopback = (host: string) => host === '::1' || host.startsWith('127.')

/** Addresses of this machine that a request may name. A host name is none: whoever holds the DNS could point it anywhere. */
function namesOf(listen: string | undefined): string[] {
  if (listen === undefined) return []
  if (!isEverywhere(listen)) return [isIP(listen) === 6 ? `[${listen}]` : listen]
  return Object.values(networkInterfaces()).flatMap(found =>
    (found ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address)
  )
}
