import { anySignal, type Logger, ProtocolError, systemClock } from '../core/index.ts'
import { BackOff } from './back-off.ts'

/** What of a connection the greeter looks at. */
export interface GreetedConnection {
  readonly id: string
  readonly direction: 'inbound' | 'outbound'
  readonly remotePeer: { toString(): string }
}

export interface GreeterInit<C extends GreetedConnection> {
  /** Says hello over this very connection; rejects when it was not answered */
  readonly greet: (connection: C, signal: AbortSignal) => Promise<unknown>
  readonly log: Logger
  readonly firstPauseMs?: number
  readonly maxPauseMs?: number
}

const greetTimeoutMs = 10_000

/**
 * Says hello on every connection that this side dialled, again with growing pauses while it stands and nobody answered. Each
 * connection has its own hello, because the two ends may see the last one go at different times: what one of them forgot then,
 * the other believes to be known.
 */
export class Greeter<C extends GreetedConnection> {
  readonly #init: GreeterInit<C>
  readonly #greetings = new Map<string, Greeting<C>>()

  constructor(init: GreeterInit<C>) {
    this.#init = init
  }

  opened(connection: C): void {
    if (connection.direction === 'outbound') this.#start(connection)
  }

  closed(connection: C): void {
    this.#greetings.get(connection.id)?.stop()
    this.#greetings.delete(connection.id)
  }

  /** Says hello once more, whoever dialled: what we are to each other changed, or the other end seems to have forgotten. */
  async again(connection: C): Promise<void> {
    const known = this.#greetings.get(connection.id)
    if (known?.isUnderWay) return await known.answered()
    this.closed(connection)
    await this.#start(connection).answered()
  }

  /** Resolves when every hello that is under way to this peer was answered or has failed once. */
  async settled(peer: string): Promise<void> {
    const waiting = [...this.#greetings.values()].filter(greeting => greeting.peer === peer)
    await Promise.all(waiting.map(greeting => greeting.answered()))
  }

  stop(): void {
    for (const greeting of this.#greetings.values()) greeting.stop()
    this.#greetings.clear()
  }

  #start(connection: C): Greeting<C> {
    const greeting = new Greeting(this.#init, connection)
    this.#greetings.set(connection.id, greeting)
    return greeting
  }
}

/** The hello of one connection, until it is answered. */
class Greeting<C extends GreetedConnection> {
  readonly peer: string
  isUnderWay = false
  readonly #init: GreeterInit<C>
  readonly #connection: C
  readonly #stop = new AbortController()
  readonly #backOff: BackOff
  #attempt: Promise<void>
  #callOff = () => {}

  constructor(init: GreeterInit<C>, connection: C) {
    this.#init = init
    this.#connection = connection
    this.#backOff = new BackOff(init.firstPauseMs ?? 400, init.maxPauseMs ?? 60_000)
    this.peer = connection.remotePeer.toString()
    this.#attempt = this.#greet()
  }

  /** Resolves with the attempt that is under way; never rejects. */
  answered(): Promise<void> {
    return this.#attempt
  }

  stop(): void {
    this.#stop.abort(new ProtocolError('Unavailable', 'The connection closed'))
    this.#callOff()
  }

  async #greet(): Promise<void> {
    this.isUnderWay = true
    const signal = AbortSignal.timeout(greetTimeoutMs)
    try {
      await this.#init.greet(this.#connection, anySignal(this.#stop.signal, signal))
    } catch (error) {
      this.#init.log.debug('Hello was not answered: %s', (error as Error).message)
      // A meeting point, or somebody else's node: it will not answer later either
      if (error instanceof ProtocolError && error.code === 'Unimplemented') return
      if (!this.#stop.signal.aborted) this.#greetLater()
    } finally {
      this.isUnderWay = false
    }
  }

  #greetLater(): void {
    const again = () => {
      this.#attempt = this.#greet()
    }
    this.#callOff = systemClock.after(this.#backOff.next(), again, { background: true })
  }
}
