import { dcutr } from '@libp2p/dcutr'
import type { Connection } from '@libp2p/interface'
import { leaveConnection } from '../../protocols/streams/index.ts'

type Dcutr = ReturnType<typeof dcutr>

/**
 * DCUtR, which closes a relayed connection the moment a direct one stands, and breaks whatever call runs on it. Both sides learn of
 * their connections from the registrar: those that it hands out here are left when they are to be closed, like every other
 * connection beside which a better one stands, so that calls are answered and streams that move end there.
 */
export function leavingDcutr(): Dcutr {
  return ({ registrar, peerStore, connectionManager, addressManager, transportManager, logger }) => {
    const leaving: Pick<typeof registrar, 'register' | 'unregister' | 'handle' | 'unhandle'> = {
      register: (protocol, { onConnect, ...topology }) =>
        registrar.register(protocol, {
          ...topology,
          onConnect: (peer, connection) => onConnect?.(peer, leftWhenClosed(connection))
        }),
      unregister: id => registrar.unregister(id),
      handle: (protocol, handler, options) =>
        registrar.handle(protocol, (stream, connection) => handler(stream, leftWhenClosed(connection)), options),
      unhandle: (protocol, options) => registrar.unhandle(protocol, options)
    }
    return dcutr()({
      // All of it that DCUtR calls
      registrar: leaving as typeof registrar,
      peerStore,
      connectionManager,
      addressManager,
      transportManager,
      logger
    })
  }
}

function leftWhenClosed(connection: Connection): Connection {
  return new Proxy(connection, {
    get: (target, key) => {
      if (key === 'close') return async () => leaveConnection(target)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}
