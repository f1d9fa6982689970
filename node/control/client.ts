import { existsSync } from 'node:fs'
import { type AnyProtocol, type Channel, type Client, createClient, ProtocolError } from '../../protocols/core/index.ts'
import { unixSocketChannel } from '../carriers/unix-socket.ts'
import { type Home, HomeError } from '../home/index.ts'
import { controlSocketPath } from './socket-path.ts'

/** A connection to the running twin on this machine, on which its owner's calls run. */
export interface ControlConnection {
  client<P extends AnyProtocol>(protocol: P): Client<P>
  close(): Promise<void>
}

/** No twin runs on this home; the next step is in `next`. */
export class NotRunning extends Error {
  override readonly name = 'NotRunning'
  readonly next: string

  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.next = next
  }
}

/** Finds the control socket of a home; throws `NotRunning` or `HomeError` where there is none. */
export async function connectToTwin(
  home: Home,
  { env = process.env }: { env?: Readonly<Record<string, string | undefined>> } = {}
): Promise<ControlConnection> {
  const path = await controlSocketPath(home, env)
  if (!existsSync(path)) throw notRunning(home)
  const socket = unixSocketChannel(path)
  const channel: Channel = {
    relayed: false,
    closed: socket.closed,
    openStream: async (ids, options) => {
      try {
        return await socket.openStream(ids, options)
      } catch (thrown) {
        // A twin that was killed leaves its socket behind
        if (!isRefused(thrown)) throw thrown
        const cause = notRunning(home)
        throw new ProtocolError('Unavailable', cause.message, { cause })
      }
    },
    close: () => socket.close()
  }
  const clients: { close(): Promise<void> }[] = []
  return {
    client: protocol => {
      const client = createClient(protocol, channel)
      clients.push(client)
      return client
    },
    close: async () => {
      await Promise.all(clients.map(client => client.close()))
      await socket.close()
    }
  }
}

function notRunning(home: Home): Error {
  if (!existsSync(home.config)) return new HomeError(`There is no twin in ${home.folder}`, 'Make one with: twin init')
  return new NotRunning('Your twin is not running', 'Start it with: twin start')
}

function isRefused(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown }
    if (code === 'ECONNREFUSED' || code === 'ENOENT') return true
  }
  return false
}
