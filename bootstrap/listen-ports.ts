import { createSocket } from 'node:dgram'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** A port is used by another program. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
  readonly code = 'PortTaken'
}

/** A number that is free for TCP and UDP; 0 takes any. Throws `PortTakenError`. */
export async function claimPort(host: string, port: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      const bound = await bindTcp(host, port === 0 ? randomPort() : port)
      await bindUdp(host, bound)
      return bound
    } catch (error) {
      if (!(error instanceof PortTakenError) || port !== 0 || attempt === 50) throw error
    }
  }
}

/** The WebSocket port of the last start if it is still free, else another, never `tcpPort`; remembered in the home. */
export async function claimWsPort(home: string, host: string, tcpPort: number): Promise<number> {
  const path = join(home, 'ws-port')
  const remembered = Number(await readFile(path, 'utf8').catch(() => '0'))
  const isPort = Number.isInteger(remembered) && remembered > 0 && remembered < 65_536 && remembered !== tcpPort
  const wanted = isPort ? remembered : randomPort()
  const port = await bindTcp(host, wanted === tcpPort ? 0 : wanted).catch(() => bindTcp(host, 0))
  if (port !== remembered) await writeFile(path, String(port), { mode: 0o600 })
  return port
}

/** Below what systems hand out to connections that go out: none of those takes it between the try and the listening */
function randomPort(): number {
  return 20_000 + Math.floor(Math.random() * 12_000)
}

async function bindTcp(host: string, port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', error => reject(explain(error, port, 'TCP')))
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}

async function bindUdp(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', error => {
      socket.close()
      reject(explain(error, port, 'UDP'))
    })
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve()))
  })
}

function explain(error: NodeJS.ErrnoException, port: number, protocol: string): Error {
  if (error.code !== 'EADDRINUSE') return error
  return new PortTakenError(`${protocol} port ${port} is taken by another program`, {
    cause: error
  })
}
