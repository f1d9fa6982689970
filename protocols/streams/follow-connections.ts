import type { Connection, Libp2p } from '@libp2p/interface'

export interface ConnectionListener {
  readonly opened: (connection: Connection) => void
  readonly closed: (connection: Connection) => void
}

/** Tells of each connection, however many there are with one peer, until the returned function is called. */
export function followConnections(
  node: Pick<Libp2p, 'addEventListener' | 'removeEventListener'>,
  { opened, closed }: ConnectionListener
): () => void {
  const onOpen = ({ detail }: CustomEvent<Connection>) => opened(detail)
  const onClose = ({ detail }: CustomEvent<Connection>) => closed(detail)
  node.addEventListener('connection:open', onOpen)
  node.addEventListener('connection:close', onClose)
  return () => {
    node.removeEventListener('connection:open', onOpen)
    node.removeEventListener('connection:close', onClose)
  }
}
