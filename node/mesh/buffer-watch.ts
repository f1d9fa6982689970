import type { Connection, Stream } from '@libp2p/interface'
import { heldBytes } from '../../protocols/streams/index.ts'
import type { ByteAccount, ByteBudget } from './byte-budget.ts'

/** What libp2p's streams have beside their interface */
interface Buffered {
  readonly readBufferLength?: number
  readonly writeBufferLength?: number
}

/** Charges the buffers of all libp2p streams, with what carrier and kernel hold for them, to the budget, by looking at them every `everyMs`. */
export class BufferWatch {
  readonly #connections: () => Connection[]
  readonly #budget: ByteBudget
  readonly #accounts = new Map<Stream, ByteAccount>()
  readonly #timer: NodeJS.Timeout

  constructor(connections: () => Connection[], budget: ByteBudget, everyMs = 250) {
    this.#connections = connections
    this.#budget = budget
    this.#timer = setInterval(() => this.look(), everyMs)
    this.#timer.unref()
  }

  look(): void {
    const seen = new Set<Stream>()
    for (const connection of this.#connections()) {
      for (const stream of connection.streams) {
        seen.add(stream)
        const { readBufferLength = 0, writeBufferLength = 0 } = stream as Buffered // present on every muxer's streams
        const bytes = readBufferLength + writeBufferLength + heldBytes(stream)
        if (bytes > 0 || this.#accounts.has(stream)) this.#account(stream).set(bytes)
      }
    }
    for (const [stream, account] of this.#accounts) {
      if (seen.has(stream)) continue
      account.close()
      this.#accounts.delete(stream)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const account of this.#accounts.values()) account.close()
    this.#accounts.clear()
  }

  #account(stream: Stream): ByteAccount {
    let account = this.#accounts.get(stream)
    if (account === undefined) {
      account = this.#budget.open(reason => stream.abort(reason))
      this.#accounts.set(stream, account)
    }
    return account
  }
}
