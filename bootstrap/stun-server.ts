import { createSocket, type Socket } from 'node:dgram'
import { bootstrapLimits } from './limits.ts'
import { ipToBytes, readBindingRequest, writeBindingResponse } from './stun-message.ts'

/**
 * Answers STUN Binding requests on UDP, so that twins behind NATs learn their outer address from us instead of from
 * third parties. A response is twice as long as a request at most, and each address gets few a second: worthless for
 * amplification.
 */
export class StunServer {
  readonly #socket: Socket
  readonly #counts = new Map<string, number>()
  #window: NodeJS.Timeout | undefined
  #closed: Promise<void> | undefined

  constructor() {
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (message, { address, port }) => {
      const transaction = readBindingRequest(message)
      if (transaction === undefined || !this.#isWithinRate(address)) return
      this.#socket.send(writeBindingResponse(transaction, ipToBytes(address), port), port, address, () => {
        // A response that cannot be sent is asked for again by who misses it
      })
    })
  }

  /** Binds the port; 0 takes a free one. Rejects with the system's error. */
  async listen(host: string, port: number): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.#socket.once('error', reject)
      this.#socket.bind({ port, address: host, exclusive: true }, () => {
        this.#socket.off('error', reject)
        this.#socket.on('error', () => {})
        this.#window = setInterval(() => this.#counts.clear(), 1000)
        this.#window.unref()
        resolve(this.#socket.address().port)
      })
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#window)
    this.#closed ??= new Promise(resolve => this.#socket.close(() => resolve()))
    await this.#closed
  }

  #isWithinRate(address: string): boolean {
    const count = this.#counts.get(address) ?? 0
    if (count >= bootstrapLimits.stunPerAddress) return false
    if (count === 0 && this.#counts.size >= bootstrapLimits.stunAddresses) return false
    this.#counts.set(address, count + 1)
    return true
  }
}
