import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

const sockets: Socket[] = []

/** From now on every TCP socket of this process is counted. Call before the first connection. */
export function countWireBytes(): void {
  const add = (message: unknown) => sockets.push((message as { socket: Socket }).socket)
  subscribe('net.client.socket', add)
  subscribe('net.server.socket', add)
}

/** Bytes that all counted sockets sent and received so far, headers of TCP and IP not included. */
export function wireBytes(): number {
  return sockets.reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0)
}
