import type { AnyProtocol, CallContext, Client, Implementation, Service } from '../protocols/core/index.ts'

/** A service in the page, some unary methods of which the twin answers: those that only its nodes may do. */
export function withTwin<P extends AnyProtocol>(
  service: Service<P>,
  names: readonly (keyof P['methods'] & string)[],
  twin: Client<P>
): Service<P> {
  const here = service.methods as Readonly<Record<string, (...args: unknown[]) => unknown>>
  const there = twin as Readonly<Record<string, (request: unknown, options: { signal: AbortSignal }) => unknown>>
  const methods = Object.keys(service.protocol.methods).map(name => {
    const answer = names.includes(name)
      ? (request: unknown, { signal }: CallContext) => there[name]!(request, { signal })
      : (...args: unknown[]) => here[name]!(...args)
    return [name, answer] as const
  })
  return {
    protocol: service.protocol,
    // Each function answers the method of the same name, here or there
    methods: Object.fromEntries(methods) as unknown as Implementation<P>,
    start: () => service.start(),
    stop: () => service.stop()
  }
}
