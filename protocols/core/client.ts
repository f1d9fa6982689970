import type { Channel } from './byte-stream.ts'
import { checkRequest } from './check.ts'
import { openCall } from './client-call.ts'
import { ClientSession, cancelled } from './client-session.ts'
import { type Clock, systemClock } from './clock.ts'
import { isSince } from './define-protocol.ts'
import type { AnyProtocol } from './define-service.ts'
import { ProtocolError, toUnavailable } from './errors.ts'
import type { DuplexMethod, Method, StreamMethod, UnaryMethod } from './method.ts'
import type { Input, Output } from './schema.ts'

export interface CallOptions {
  /** Cancels the call, here and at the service */
  readonly signal?: AbortSignal
  /** For a unary call at most the contract's; for a stream, none unless given */
  readonly timeoutMs?: number
}

/** The functions that call a contract. A stream or duplex call begins when its result is first iterated. */
export type Client<P extends AnyProtocol> = {
  readonly [K in keyof P['methods']]: P['methods'][K] extends UnaryMethod<infer Q, infer R>
    ? (request: Input<Q>, options?: CallOptions) => Promise<Output<R>>
    : P['methods'][K] extends StreamMethod<infer Q, infer I>
      ? (request: Input<Q>, options?: CallOptions) => AsyncIterable<Output<I>>
      : P['methods'][K] extends DuplexMethod<infer Q, infer U, infer D>
        ? (request: Input<Q>, up: AsyncIterable<Input<U>>, options?: CallOptions) => AsyncIterable<Output<D>>
        : never
} & {
  /** Ends the session and cancels what is in flight; the channel stays open, it is the caller's. */
  close(): Promise<void>
}

export interface ClientOptions {
  readonly clock?: Clock
  /** Off only to see how a service refuses what does not fit */
  readonly checkRequests?: boolean
}

/**
 * A typed client of a contract. It opens streams when they are needed and again after they broke; a call that was in
 * flight then fails with `Unavailable` and is not repeated, since it may have run.
 *
 * @example
 * const kv = createClient(kvProtocol, channel)
 * await kv.put({ key: 'colour', value })
 * for await (const change of kv.watch({ prefix: '' }, { signal })) show(change)
 */
export function createClient<P extends AnyProtocol>(
  protocol: P,
  channel: Channel | (() => Promise<Channel>),
  options: ClientOptions = {}
): Client<P> {
  const connection = new ClientConnection(protocol, channel, options)
  const client: Record<string, unknown> = { close: () => connection.close() }
  for (const [name, method] of Object.entries(protocol.methods)) client[name] = toFunction(connection, name, method)
  // Each function was made from the method of the same name
  return client as Client<P>
}

function toFunction(connection: ClientConnection, name: string, method: Method): unknown {
  if (method.kind === 'unary') {
    return (request: unknown, options?: CallOptions) => connection.unary(name, method, request, options)
  }
  if (method.kind === 'stream') {
    return (request: unknown, options?: CallOptions) => openCall(connection, { name, method, request }, options)
  }
  return (request: unknown, up: AsyncIterable<unknown>, options?: CallOptions) =>
    openCall(connection, { name, method, request, up }, options)
}

/** One protocol on one channel: the session, the channel it runs on, and the line of calls that wait for a place. */
export class ClientConnection {
  readonly protocol: AnyProtocol
  readonly clock: Clock
  readonly #options: ClientOptions
  readonly #source: Channel | (() => Promise<Channel>)
  readonly #waiting: (() => void)[] = []
  readonly #closing = new AbortController()
  #channel: Promise<Channel> | undefined
  #session: Promise<ClientSession> | undefined
  #open: ClientSession | undefined
  #inFlight = 0

  constructor(protocol: AnyProtocol, source: Channel | (() => Promise<Channel>), options: ClientOptions) {
    this.protocol = protocol
    this.clock = options.clock ?? systemClock
    this.#source = source
    this.#options = options
  }

  /** Fires when the client is closed, for calls on streams of their own. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  async unary(name: string, method: UnaryMethod, request: unknown, options: CallOptions = {}): Promise<unknown> {
    const { signal } = options
    const { limits } = this.protocol
    if (signal?.aborted) throw cancelled(signal)
    const body = this.check(method, request)
    const timeoutMs = Math.min(options.timeoutMs ?? limits.timeoutMs, limits.timeoutMs)
    const isQueued = this.#inFlight >= limits.maxCallsInFlight
    const deadline = this.clock.now() + timeoutMs
    if (isQueued) await this.#turn(timeoutMs, signal)
    else this.#inFlight++
    try {
      const session = this.#open?.isOpen && !this.#open.isLeft ? this.#open : await this.#opened(deadline, signal)
      this.needMinor(name, method, session.minor)
      const left = session === this.#open && !isQueued ? timeoutMs : deadline - this.clock.now()
      return await session.call({ method: name, request: body, response: method.response, timeoutMs: left, signal })
    } finally {
      this.#leave()
    }
  }

  check(method: Method, request: unknown): unknown {
    return this.#options.checkRequests === false ? request : checkRequest(method.request, request)
  }

  needMinor(name: string, method: Method, minor: number): void {
    if (isSince(method, minor)) return
    const spoken = `${this.protocol.major}.${minor}`
    throw new ProtocolError('Unimplemented', `Method ${name} needs version ${method.since}, the peer speaks ${spoken}`)
  }

  async channel(): Promise<Channel> {
    if (this.#closing.signal.aborted) throw new ProtocolError('Cancelled', 'The client was closed')
    if (typeof this.#source !== 'function') return this.#source
    const known = await this.#channel?.catch(() => undefined)
    if (known === undefined || known.closed.aborted) this.#channel = this.#source()
    return this.#channel!
  }

  async close(): Promise<void> {
    this.#closing.abort(new ProtocolError('Cancelled', 'The client was closed'))
    const session = await this.#session?.catch(() => undefined)
    await session?.close()
  }

  /** The session, opened by the first call that needs it; others wait for the same. */
  async #opened(deadline: number, signal: AbortSignal | undefined): Promise<ClientSession> {
    if (this.#open !== undefined && (!this.#open.isOpen || this.#open.isLeft)) {
      this.#open.finish()
      this.#open = undefined
      this.#session = undefined
    }
    this.#session ??= this.#openSession()
    const left = deadline - this.clock.now()
    return await within(this.#session, this.clock, left, signal)
  }

  async #openSession(): Promise<ClientSession> {
    try {
      const channel = await this.channel()
      const opened = await channel.openStream(this.protocol.ids, { signal: this.#closing.signal })
      this.#open = new ClientSession(this.protocol, opened, this.clock)
      return this.#open
    } catch (error) {
      this.#session = undefined
      throw toUnavailable(error, 'The peer could not be reached')
    }
  }

  /** A place that is left goes to whoever waits longest, so that no new call slips in between. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#inFlight--
    else next()
  }

  async #turn(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    let take = () => {}
    const turn = new Promise<void>(resolve => {
      take = resolve
    })
    this.#waiting.push(take)
    try {
      await within(turn, this.clock, timeoutMs, signal)
    } catch (error) {
      const place = this.#waiting.indexOf(take)
      if (place >= 0) this.#waiting.splice(place, 1)
      else this.#leave()
      throw error
    }
  }
}

/** Waits no longer than the call may last; what is waited for goes on for the others. */
export async function within<T>(
  promise: Promise<T>,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal | undefined
): Promise<T> {
  let onAbort = () => {}
  let stop = () => {}
  const limit = new Promise<never>((_, reject) => {
    stop = clock.after(timeoutMs, () =>
      reject(new ProtocolError('DeadlineExceeded', 'The peer did not answer in time'))
    )
    onAbort = () => reject(cancelled(signal!))
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    stop()
    signal?.removeEventListener('abort', onAbort)
  }
}
