import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type AnyProtocol, type Channel, type Client, createClient, ProtocolError } from '../../protocols/core/index.ts'
import { unixSocketChannel } from '../carriers/unix-socket.ts'
import { type Home, HomeError, lockHolder } from '../home/index.ts'
import { controlSocketPath } from './socket-path.ts'

/** Longest time to wait for a twin that is starting; on a busy small machine a start takes some seconds. */
const startingMs = 15_000
const pollMs = 50

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
  await waitForSocket(home, path)
  const socket = unixSocketChannel(path)
  const channel: Channel = {
    relayed: false,
    closed: socket.closed,
    openStream: async (ids, options) => {
      try {
        return await socket.openStream(ids, options)
      } catch (thrown) {
        if (thrown instanceof ProtocolError && thrown.code === 'PermissionDenied') {
          const cause = new HomeError(thrown.message, `Close its folder: chmod 700 ${dirname(path)}`, { cause: thrown })
          throw new ProtocolError(thrown.code, thrown.message, { cause })
        }
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

/** A twin that has taken its home is about to listen: worth a short wait. */
async function waitForSocket(home: Home, path: string): Promise<void> {
  const until = Date.now() + startingMs
  while (!existsSync(path)) {
    const holder = await lockHolder(home)
    if (holder === undefined) throw notRunning(home)
    if (Date.now() > until) {
      throw new NotRunning(`Your twin is still starting (process ${holder.pid})`, 'Wait a moment and try again')
    }
    // Another process makes the socket; there is nothing else to wait for
    await new Promise(resolve => setTimeout(resolve, pollMs))
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
