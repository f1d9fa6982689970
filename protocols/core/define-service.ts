import type { CallContext } from './caller.ts'
import type { Protocol, ProtocolInit } from './define-protocol.ts'
import type { DuplexMethod, StreamMethod, UnaryMethod } from './method.ts'
import type { Input, Output } from './schema.ts'

type MaybePromise<T> = T | Promise<T>

/** Any contract, as a bound for generics: limits and ids are already filled in. */
export type AnyProtocol = Protocol<ProtocolInit>

/** The functions that answer a contract. Requests and items arrive checked; bytes handed back belong to the kernel. */
export type Implementation<P extends AnyProtocol> = {
  readonly [K in keyof P['methods']]: P['methods'][K] extends UnaryMethod<infer Q, infer R>
    ? (request: Output<Q>, context: CallContext) => MaybePromise<Input<R>>
    : P['methods'][K] extends StreamMethod<infer Q, infer I>
      ? (request: Output<Q>, context: CallContext) => AsyncIterable<Input<I>>
      : P['methods'][K] extends DuplexMethod<infer Q, infer U, infer D>
        ? (request: Output<Q>, incoming: AsyncIterable<Output<U>>, context: CallContext) => AsyncIterable<Input<D>>
        : never
}

export interface Life {
  start?(): MaybePromise<void>
  /** Idempotent, and waits until nothing runs any more */
  stop?(): MaybePromise<void>
}

export interface Service<P extends AnyProtocol = AnyProtocol> {
  readonly protocol: P
  readonly methods: Implementation<P>
  start(): Promise<void>
  stop(): Promise<void>
}

export type ServiceFactory<P extends AnyProtocol, C, I> = (init?: I) => (components: C) => Service<P>

/**
 * Binds code to a contract. The result is a factory of factories, `kv(init)(components)`, so that a composition root can
 * list services with their options before their components exist.
 */
export function defineService<P extends AnyProtocol, C = unknown, I = object>(
  protocol: P,
  create: (components: C, init: I) => Implementation<P> & Life
): ServiceFactory<P, C, I> {
  return init => components => {
    // Every init field has a default, so an absent init is an empty one
    const implementation = create(components, init ?? ({} as I))
    for (const name of Object.keys(protocol.methods)) {
      // A class keeps its methods on the prototype, so this is not a lookup of own properties
      if (typeof (implementation as Record<string, unknown>)[name] !== 'function') {
        throw new TypeError(`Service ${protocol.name} has no method ${name}`)
      }
    }
    return {
      protocol,
      methods: implementation,
      start: async () => implementation.start?.(),
      stop: async () => implementation.stop?.()
    }
  }
}
