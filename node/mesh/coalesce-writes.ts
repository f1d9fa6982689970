import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/** Bytes from which joining costs more than the system call it saves. */
const bigWrite = 16 * 1024

type EncrypterFactory<C> = (components: C) => ConnectionEncrypter

/**
 * One system call a tick and connection instead of four a message: Noise hands its length and its ciphertext, yamux its
 * header and its data down one by one, and the TCP transport writes each on its own. The bytes on the wire are the same.
 */
export function coalesceWrites<C>(encrypter: EncrypterFactory<C>): EncrypterFactory<C> {
  return components => {
    const inner = encrypter(components)
    return new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (name === 'secureInbound' || name === 'secureOutbound') {
          return (connection: MessageStream, ...rest: unknown[]) => {
            joinWrites(connection)
            return Reflect.apply(value as (...args: unknown[]) => unknown, target, [connection, ...rest])
          }
        }
        return typeof value === 'function' ? value.bind(target) : value
      }
    })
  }
}

/** Replaces `send` of a connection: what is sent in one turn goes down as one chunk. */
function joinWrites(connection: MessageStream): void {
  const send = connection.send.bind(connection)
  const close = connection.close.bind(connection)
  let waiting: Uint8ArrayList | undefined
  let canSendMore = true
  const flush = () => {
    const list = waiting
    waiting = undefined
    if (list === undefined || connection.status !== 'open') return
    canSendMore = send(list.byteLength < bigWrite ? list.subarray() : list)
  }
  connection.send = data => {
    if (waiting === undefined) {
      waiting = new Uint8ArrayList()
      queueMicrotask(flush)
    }
    waiting.append(data)
    if (waiting.byteLength >= bigWrite) flush()
    return canSendMore
  }
  connection.addEventListener('drain', () => {
    canSendMore = true
  })
  connection.close = options => {
    flush()
    return close(options)
  }
}
