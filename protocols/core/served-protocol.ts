import type { Authorize } from './authorize.ts'
import { type CallContext, type Caller, callerKey } from './caller.ts'
import type { Clock } from './clock.ts'
import { isSince, scopeId } from './define-protocol.ts'
import type { Service } from './define-service.ts'
import { ProtocolError, universalErrorCodes } from './errors.ts'
import type { ProtocolLimits } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Method } from './method.ts'
import { RateLimiter } from './rate-limiter.ts'

/** What the protocols of one server share. */
export interface Shared {
  readonly authorize: Authorize
  readonly clock: Clock
  readonly log: Logger
  readonly callsPerPeer: RateLimiter | undefined
  readonly explain: ((thrown: unknown) => ProtocolError | undefined) | undefined
}

/** What the two kinds of stream share on the answering side: one contract with its service, limits and guard. */
export class ServedProtocol {
  readonly service: Service
  readonly limits: ProtocolLimits
  readonly clock: Clock
  readonly log: Logger
  readonly #authorize: Authorize
  readonly #rate: RateLimiter
  readonly #callsPerPeer: RateLimiter | undefined
  readonly #explain: Shared['explain']
  readonly #methods: ReadonlyMap<string, Method>

  constructor(service: Service, limits: ProtocolLimits, shared: Shared) {
    const { authorize, clock, log, callsPerPeer, explain } = shared
    this.service = service
    this.limits = limits
    this.clock = clock
    this.log = log
    this.#authorize = authorize
    this.#rate = new RateLimiter(limits.rate, clock)
    this.#callsPerPeer = callsPerPeer
    this.#explain = explain
    this.#methods = new Map(Object.entries(service.protocol.methods))
  }

  /** Finds the method and takes a point here and one of the peer's; the owner's own devices spend no points. */
  admit(name: string, caller: Caller, version: string): Method {
    if (caller.class !== 'owner' && !this.#rate.take(callerKey(caller))) {
      throw new ProtocolError('ResourceExhausted', 'Too many calls, try again later')
    }
    // An experience is no peer: it runs on the owner's machine, and the contracts for it allow imports
    const isPeer = caller.class === 'contact' || caller.class === 'stranger'
    if (isPeer && this.#callsPerPeer?.take(callerKey(caller)) === false) {
      throw new ProtocolError('ResourceExhausted', 'Too many calls of all protocols together, try again later')
    }
    const method = this.#methods.get(name)
    if (method === undefined) throw new ProtocolError('Unimplemented', 'No such method in this protocol')
    if (!isSince(method, Number(version.split('.')[1]))) {
      throw new ProtocolError('Unimplemented', `Method needs version ${method.since}, ${version} was agreed on`)
    }
    return method
  }

  /** Asks the guard; the reason for a refusal is for the owner and the log. */
  authorize(name: string, method: Method, body: unknown, caller: Caller): Promise<void> | undefined {
    const { protocol } = this.service
    const scope = scopeId(protocol, method.scope)
    const decision = this.#authorize({ caller, protocol, method: name, scope, body })
    if (decision instanceof Promise) return decision.then(settled => this.#obey(settled, name, caller))
    this.#obey(decision, name, caller)
    return undefined
  }

  /** The service's function, called as a method of the service so that a class may implement a contract. */
  call(name: string, ...values: [unknown, CallContext] | [unknown, AsyncIterable<unknown>, CallContext]): unknown {
    const methods = this.service.methods as Record<string, (...values: unknown[]) => unknown>
    return methods[name]!(...values)
  }

  /** Words that may reach a peer: a `ProtocolError` of a code the method declares; all else is logged and hidden. */
  toPeerError(thrown: unknown, name: string, method?: Method): ProtocolError {
    const error = thrown instanceof ProtocolError ? thrown : this.#explain?.(thrown)
    if (error !== undefined) {
      if (universalErrorCodes.includes(error.code) || method?.errors?.includes(error.code)) return error
    }
    this.log.error('%s.%s failed: %o', this.service.protocol.name, name, thrown)
    return new ProtocolError('Internal', 'The twin could not answer')
  }

  #obey(decision: Awaited<ReturnType<Authorize>>, name: string, caller: Caller): void {
    if (decision.allow) return
    this.log.info('%s.%s denied to %s: %s', this.service.protocol.name, name, caller.class, decision.reason)
    const message = caller.class === 'owner' ? decision.reason : 'This caller may not use this method'
    throw new ProtocolError('PermissionDenied', message)
  }
}
