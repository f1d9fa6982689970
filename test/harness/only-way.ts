import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Replies (RFC 1928 §6) */
const succeeded = 0
const notAllowed = 2
const refused = 5
/** Bytes of an address by its type; a name says its own length (§5) */
const addressSizes: Readonly<Record<number, number>> = { 1: 4, 4: 16 }

/**
 * The only way out of a network: a SOCKS 5 proxy that connects with those ports of this machine that it was told of, and with nothing
 * else.
 */
export class OnlyWay {
  readonly port: number
  /** Ports to which somebody wanted and was not let */
  readonly denied = new Set<number>()
  readonly #allowed: ReadonlySet<number>
  readonly #server: Server
  readonly #sockets: Set<Socket>
  #isOpen = true

  private constructor(server: Server, sockets: Set<Socket>, allowed: ReadonlySet<number>) {
    this.#server = server
    this.#sockets = sockets
    this.#allowed = allowed
    this.port = (server.address() as { port: number }).port
  }

  static async create(allowed: ReadonlySet<number>): Promise<OnlyWay> {
    const sockets = new Set<Socket>()
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const way = new OnlyWay(server, sockets, allowed)
    server.on('connection', near => {
      way.#keep(near)
      way.#serve(near).catch(() => near.destroy())
    })
    return way
  }

  /** Breaks what is connected and connects nothing until it is opened again. */
  shut(): void {
    this.#isOpen = false
    for (const socket of this.#sockets) socket.destroy()
  }

  open(): void {
    this.#isOpen = true
  }

  async stop(): Promise<void> {
    this.shut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(near: Socket): Promise<void> {
    const [, methods = 0] = await take(near, 2)
    await take(near, methods)
    near.write(Uint8Array.of(5, 0))
    const [, , , type = 0] = await take(near, 4)
    const size = addressSizes[type] ?? (await take(near, 1))[0] ?? 0
    const address = await take(near, size)
    const port = (await take(near, 2)).readUInt16BE()
    const answer = (reply: number) => near.write(Uint8Array.of(5, reply, 0, 1, 0, 0, 0, 0, 0, 0))
    if (!this.#isOpen || !this.#allowed.has(port)) {
      if (this.#isOpen) this.denied.add(port)
      answer(notAllowed)
      near.end()
      return
    }
    const far = connect(port, type === 1 ? address.join('.') : '127.0.0.1')
    this.#keep(far)
    try {
      await once(far, 'connect')
    } catch {
      answer(refused)
      near.end()
      return
    }
    answer(succeeded)
    near.pipe(far).pipe(near)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket))
  }
}

async function take(socket: Socket, size: number): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0)
  for (;;) {
    const bytes: Buffer | null = socket.read(size)
    if (bytes !== null) return bytes
    if (socket.readableEnded || socket.destroyed) throw new Error('The connection ended in the middle of a request')
    await once(socket, 'readable')
  }
}
