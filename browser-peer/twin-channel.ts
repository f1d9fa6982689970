import type { Connection } from '@libp2p/interface'
import type { Channel } from '../protocols/core/index.ts'
import { isLeft, type Libp2pNode, libp2pChannel } from '../protocols/streams/index.ts'
import { outOfReach } from './connections.ts'
import { limits } from './limits.ts'

export interface TwinChannelInit {
  readonly node: Libp2pNode
  /** The best connection with a node that has said hello as one of the own twin */
  readonly best: () => Connection | undefined
  /** This browser is no device of the twin any more: there will be no connection */
  readonly isRevoked: () => boolean
  /** Calls back when `best` may have changed; answers how to stop */
  readonly onChange: (listener: () => void) => () => void
}

/**
 * Calls to the own twin over whichever connection is the best one when a stream is opened. It outlives connections: a client opens its
 * session again on the next.
 */
export class TwinChannel implements Channel {
  readonly #init: TwinChannelInit
  readonly #controller = new AbortController()
  readonly #channels = new WeakMap<Connection, Channel>()
  /** Since when there is no connection, on the clock of `performance.now()` */
  #awaySince = performance.now()
  #wasHere = false

  constructor(init: TwinChannelInit) {
    this.#init = init
    init.onChange(() => this.#note())
  }

  get relayed(): boolean {
    const connection = this.#init.best()
    return connection !== undefined && this.#channelOver(connection).relayed
  }

  get closed(): AbortSignal {
    return this.#controller.signal
  }

  async openStream(protocolIds: readonly string[], options: { signal?: AbortSignal } = {}) {
    const connection = this.#init.best() ?? (await this.#connected(options.signal))
    const opened = await this.#channelOver(connection).openStream(protocolIds, options)
    return { ...opened, stream: { ...opened.stream, isLeft: () => isLeft(connection) } }
  }

  async close(): Promise<void> {
    this.#controller.abort(outOfReach())
  }

  #note(): void {
    const isHere = this.#init.best() !== undefined
    if (this.#wasHere && !isHere) this.#awaySince = performance.now()
    this.#wasHere = isHere
  }

  /** Waits a little for a connection that was lost a moment ago; when it is away for longer, that is said at once. */
  #connected(signal: AbortSignal | undefined): Promise<Connection> {
    const leftMs = this.#awaySince + limits.reachWaitMs - performance.now()
    const { isRevoked } = this.#init
    if (leftMs <= 0 || this.closed.aborted || !navigator.onLine || isRevoked()) return Promise.reject(outOfReach())
    return new Promise((resolve, reject) => {
      const look = () => {
        const connection = this.#init.best()
        if (connection !== undefined) end(() => resolve(connection))
        else if (isRevoked()) giveUp()
      }
      const giveUp = () => end(() => reject(outOfReach()))
      const timer = setTimeout(giveUp, leftMs)
      const stop = this.#init.onChange(look)
      const signals = [signal, this.closed]
      for (const one of signals) one?.addEventListener('abort', giveUp, { once: true })
      const end = (settle: () => void) => {
        clearTimeout(timer)
        stop()
        for (const one of signals) one?.removeEventListener('abort', giveUp)
        settle()
      }
      if (signal?.aborted) giveUp()
    })
  }

  #channelOver(connection: Connection): Channel {
    let channel = this.#channels.get(connection)
    if (channel === undefined) {
      channel = libp2pChannel(this.#init.node, connection)
      this.#channels.set(connection, channel)
    }
    return channel
  }
}
