import type { ProtocolServer } from '../../protocols/core/index.ts'
import { serveUnixSocket, type UnixSocketServer } from '../carriers/unix-socket.ts'
import type { Home } from '../home/index.ts'
import { controlSocketPath } from './socket-path.ts'

/** Answers the owner's commands on this machine. Whoever may open the socket is the owner: its folder is 0700. */
export async function serveControl(
  home: Home,
  server: ProtocolServer,
  owner: { twin: string; device: number },
  { env = process.env }: { env?: Readonly<Record<string, string | undefined>> } = {}
): Promise<UnixSocketServer> {
  const path = await controlSocketPath(home, env)
  return serveUnixSocket(path, server, { class: 'owner', ...owner })
}
