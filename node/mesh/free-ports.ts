import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** The port is used by another program; `port` and `protocol` say which. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly code = 'PortTaken'
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'

  constructor(port: number, protocol: 'TCP' | 'UDP', cause: unknown) {
    super(`${protocol} port ${port} is taken by another program: choose another one or stop that program`, { cause })
    this.port = port
    this.protocol = protocol
  }
}

/**
 * Any free port is looked for here: below what systems hand out to connections that go out (Linux from 32768, others from
 * 49152), so that none of those takes it between the try and the listening, and where few services live.
 */
const firstPort = 20_000
const lastPort = 31_999
const randomTries = 50
/** Twins that run side by side take consecutive ports: stay clear of them. */
const clearance = 100

/** A port that no other program can take. Between `release` and the listening that follows it is anybody's. */
export interface HeldPort {
  readonly port: number
  release(): Promise<void>
}

/**
 * Holds TCP and, if wanted, UDP `port` on `host`; 0 stands for any port that is free for both, far from the one `beside` it that is
 * known to others. Throws `PortTakenError`.
 */
export async function holdPort(host: string, port: number, udp: boolean, beside?: number): Promise<HeldPort> {
  const tries = port === 0 ? randomTries : 1
  for (let i = 1; ; i++) {
    try {
      return await holdBoth(host, port === 0 ? randomPort(beside) : port, udp)
    } catch (error) {
      if (!(error instanceof PortTakenError) || i === tries) throw error
    }
  }
}

/** Holds a free TCP port for WebSockets: the remembered one if it still is, else a random one far from `port`. */
export async function holdWsPort(host: string, port: number, remembered: number | undefined): Promise<HeldPort> {
  for (let i = 0; i < randomTries; i++) {
    const candidate = i === 0 && remembered !== undefined ? remembered : randomPort()
    if (Math.abs(candidate - port) < clearance) continue
    try {
      return await holdTcp(host, candidate)
    } catch (error) {
      if (!(error instanceof PortTakenError)) throw error
    }
  }
  return await holdTcp(host, 0)
}

function randomPort(beside?: number): number {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1))
    if (beside === undefined || Math.abs(port - beside) >= clearance) return port
  }
}

async function holdBoth(host: string, wanted: number, udp: boolean): Promise<HeldPort> {
  const held = await holdTcp(host, wanted)
  if (!udp) return held
  try {
    const releaseUdp = await holdUdp(host, held.port)
    return {
      port: held.port,
      release: async () => {
        await Promise.all([held.release(), releaseUdp()])
      }
    }
  } catch (error) {
    await held.release()
    throw error
  }
}

async function holdTcp(host: string, port: number): Promise<HeldPort> {
  return await new Promise((resolve, reject) => {
    // Who calls already is turned away, as if nobody listened
    const server = createServer(socket => socket.destroy())
    // For good: a caller that cannot be turned away, since too many files are open, is an error of the server
    server.on('error', error => reject(explain(error, port, 'TCP')))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : port
      resolve({ port: bound, release: async () => await new Promise<void>(done => server.close(() => done())) })
    })
  })
}

async function holdUdp(host: string, port: number): Promise<() => Promise<void>> {
  return await new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    socket.once('error', error => {
      socket.close()
      reject(explain(error, port, 'UDP'))
    })
    socket.bind({ port, address: host, exclusive: true }, () => {
      resolve(async () => await new Promise<void>(done => socket.close(() => done())))
    })
  })
}

function explain(error: NodeJS.ErrnoException, port: number, protocol: 'TCP' | 'UDP'): Error {
  if (error.code === 'EADDRINUSE') return new PortTakenError(port, protocol, error)
  if (error.code === 'EACCES') {
    return new Error(`${protocol} port ${port} needs more rights: choose one above 1023`, { cause: error })
  }
  if (error.code === 'EADDRNOTAVAIL')
    return new Error('This machine does not have the address to listen on', { cause: error })
  return error
}
