import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Types of STUN messages (RFC 8489 §6) */
const bindingRequest = 0x0001
const bindingSuccess = 0x0101

/** Stands between those who ask a STUN server and that server as a NAT does: the server sees its address, and not theirs. */
export class OuterAddress {
  readonly port: number
  /** Requests that the server answered */
  answered = 0
  readonly #inner: Socket
  readonly #outer = new Set<Socket>()

  private constructor(inner: Socket, stunPort: number) {
    this.#inner = inner
    this.port = inner.address().port
    inner.on('message', (request, asking) => {
      if (request.readUInt16BE() !== bindingRequest) return
      const outer = createSocket('udp4').unref()
      this.#outer.add(outer)
      outer.on('message', response => {
        if (response.readUInt16BE() === bindingSuccess) this.answered++
        inner.send(response, asking.port, asking.address)
      })
      outer.send(request, stunPort, '127.0.0.1')
    })
  }

  static async before(stunPort: number): Promise<OuterAddress> {
    const inner = createSocket('udp4')
    inner.bind(0)
    await once(inner, 'listening')
    return new OuterAddress(inner, stunPort)
  }

  stop(): void {
    for (const socket of [this.#inner, ...this.#outer]) socket.close()
  }
}
