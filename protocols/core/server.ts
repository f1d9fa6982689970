import { type Authorize, authorizeByClass } from './authorize.ts'
import type { ByteStream } from './byte-stream.ts'
import type { Caller } from './caller.ts'
import { type Clock, systemClock } from './clock.ts'
import { parseProtocolId } from './define-protocol.ts'
import type { Service } from './define-service.ts'
import { ProtocolError, toUnavailable } from './errors.ts'
import { identifyTimeoutMs, type ProtocolLimits, withLimits } from './limits.ts'
import { type Logger, silentLogger } from './logger.ts'
import { RateLimiter } from './rate-limiter.ts'
import { ServedProtocol } from './served-protocol.ts'
import { ServerStream } from './server-stream.ts'

export interface ServerInit {
  // biome-ignore lint/suspicious/noExplicitAny: a service takes its own requests, so services have no other common type
  readonly services: readonly Service<any>[]
  /** Default: the caller's class is listed in the scope */
  readonly authorize?: Authorize
  readonly log?: Logger
  /** Overrides the limits of every contract */
  readonly limits?: Partial<ProtocolLimits>
  /** Token bucket of each contact and stranger over all protocols together; default none but those of the contracts */
  readonly callsPerPeer?: ProtocolLimits['rate']
  /** Bytes that no contract's frames may pass; default none */
  readonly maxFrame?: number
  /** Words for errors of what the services stand on, as a universal code; nothing for those that are hidden as `Internal` */
  readonly explain?: (thrown: unknown) => ProtocolError | undefined
  readonly clock?: Clock
}

export interface AcceptInfo {
  readonly relayed: boolean
  /** Any object that stands for the connection; streams are counted per connection and protocol */
  readonly connection?: object
}

export interface ProtocolServer {
  /** Every id of every service, newest first */
  readonly protocolIds: readonly string[]
  readonly services: readonly Service[]
  /** Limits in force for a protocol id */
  limitsOf(protocolId: string): ProtocolLimits | undefined
  /** Takes over an incoming stream. Never throws; resolves when the stream is over. */
  accept(protocolId: string, stream: ByteStream, caller: Caller | Promise<Caller>, info: AcceptInfo): Promise<void>
  /** Breaks all streams and waits for them; services are stopped by whoever started them. */
  stop(): Promise<void>
}

/**
 * Answers calls on streams of any carrier.
 *
 * @example
 * const server = createServer({ services: [kv()({ store })] })
 * const client = createClient(kvProtocol, channelPair(server, { class: 'owner' }))
 */
export function createServer(init: ServerInit): ProtocolServer {
  const { authorize = authorizeByClass, log = silentLogger, clock = systemClock, maxFrame = Infinity, explain } = init
  const callsPerPeer = init.callsPerPeer && new RateLimiter(init.callsPerPeer, clock)
  const served = new Map<string, ServedProtocol>()
  for (const service of init.services) {
    const limits = withLimits(service.protocol.limits, init.limits)
    const { name, ids } = service.protocol
    if (limits.maxMessageSize > maxFrame)
      throw new RangeError(`A message of ${name} may have ${limits.maxMessageSize} bytes, a frame at most ${maxFrame}`)
    const one = new ServedProtocol(service, limits, { authorize, clock, log, callsPerPeer, explain })
    for (const id of ids) {
      if (served.has(id)) throw new TypeError(`Two services answer to ${id}`)
      served.set(id, one)
    }
  }
  return new Server(served, init.services, clock, log)
}

class Server implements ProtocolServer {
  readonly protocolIds: readonly string[]
  readonly services: readonly Service[]
  readonly #served: ReadonlyMap<string, ServedProtocol>
  readonly #clock: Clock
  readonly #log: Logger
  readonly #open = new Map<ByteStream, Promise<void>>()
  readonly #counts = new WeakMap<object, Map<string, number>>()
  #isStopped = false

  constructor(served: ReadonlyMap<string, ServedProtocol>, services: readonly Service[], clock: Clock, log: Logger) {
    this.#served = served
    this.protocolIds = [...served.keys()]
    this.services = services
    this.#clock = clock
    this.#log = log
  }

  limitsOf(protocolId: string): ProtocolLimits | undefined {
    return this.#served.get(protocolId)?.limits
  }

  accept(protocolId: string, stream: ByteStream, caller: Caller | Promise<Caller>, info: AcceptInfo): Promise<void> {
    const over = this.#run(protocolId, stream, caller, info).catch(error => {
      this.#log.debug('Stream of %s broke: %o', protocolId, error)
      stream.abort(toUnavailable(error))
    })
    this.#open.set(stream, over)
    return over.finally(() => this.#open.delete(stream))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const stream of this.#open.keys()) stream.abort(new ProtocolError('Unavailable', 'The server stops'))
    await Promise.all(this.#open.values())
  }

  async #run(id: string, stream: ByteStream, caller: Caller | Promise<Caller>, info: AcceptInfo): Promise<void> {
    const served = this.#served.get(id)
    const parsed = parseProtocolId(id)
    if (served === undefined || parsed === undefined) throw new ProtocolError('Unimplemented', 'No such protocol')
    const counted = info.connection ?? stream
    const isWithinLimit = this.#count(counted, served, 1) <= served.limits.maxInboundStreams
    try {
      const version = `${parsed.major}.${parsed.minor}`
      const handler = new ServerStream(served, stream, { relayed: info.relayed, version })
      if (this.#isStopped) handler.refuse(new ProtocolError('Unavailable', 'The server stops'))
      else if (!isWithinLimit) handler.refuse(new ProtocolError('ResourceExhausted', 'Too many streams'))
      else if (info.relayed && !served.limits.relayed) {
        handler.refuse(new ProtocolError('FailedPrecondition', 'This protocol is not offered over a relay'))
      } else handler.identify(await this.#identify(caller))
      await handler.run()
    } finally {
      this.#count(counted, served, -1)
    }
  }

  /** Who does not let itself be identified in time holds a stream for nothing. */
  async #identify(caller: Caller | Promise<Caller>): Promise<Caller> {
    if (!(caller instanceof Promise)) return caller
    let stop = () => {}
    const late = new Promise<never>((_, reject) => {
      stop = this.#clock.after(identifyTimeoutMs, () => {
        reject(new ProtocolError('Unauthenticated', 'The caller was not identified in time'))
      })
    })
    try {
      return await Promise.race([caller, late])
    } finally {
      stop()
    }
  }

  #count(connection: object, served: ServedProtocol, change: 1 | -1): number {
    const counts = this.#counts.get(connection) ?? new Map<string, number>()
    this.#counts.set(connection, counts)
    const { name } = served.service.protocol
    const count = (counts.get(name) ?? 0) + change
    counts.set(name, count)
    return count
  }
}
