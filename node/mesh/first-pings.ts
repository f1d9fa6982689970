import type { Connection } from '@libp2p/interface'
import { pingOver } from '../../protocols/streams/index.ts'
import { withTimeout } from './signals.ts'

/** Whoever wants to see round trips waits no longer for a peer that is slow or silent */
const patienceMs = 1000

/** Round trips of young connections, measured when somebody looks: libp2p measures by itself, and only every half a minute. */
export class FirstPings {
  readonly #pings = new WeakMap<Connection, Promise<void>>()

  /** Resolves when each connection was measured once, or did not answer. */
  async measure(connections: readonly Connection[], signal?: AbortSignal): Promise<void> {
    await Promise.all(connections.filter(({ rtt }) => rtt === undefined).map(young => this.#measure(young, signal)))
  }

  #measure(connection: Connection, signal?: AbortSignal): Promise<void> {
    let ping = this.#pings.get(connection)
    if (ping === undefined) {
      ping = pingOver(connection, withTimeout(patienceMs, signal)).then(
        latencyMs => {
          connection.rtt ??= latencyMs
        },
        // The next one is libp2p's own, which gives up what is dead
        () => {}
      )
      this.#pings.set(connection, ping)
    }
    return ping
  }
}
