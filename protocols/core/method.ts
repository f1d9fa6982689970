import type { OwnerLevel } from './caller.ts'
import type { ErrorCode } from './errors.ts'
import type { Input, Schema } from './schema.ts'

interface MethodBase<Q extends Schema> {
  /** One sentence for whoever reads the contract or the help of the command line */
  readonly doc: string
  /** Key in the contract's `scopes` */
  readonly scope: string
  /** Always an object, so that a later minor can add to it */
  readonly request: Q
  /** Codes besides the universal ones that this method may answer with */
  readonly errors?: readonly ErrorCode[]
  /** Minor that added the method, such as `1.1` */
  readonly since?: string
  /** What an own device needs for it, where that is more than the scope says */
  readonly level?: OwnerLevel
}

/** One request, one response; many share a session stream. */
export interface UnaryMethod<Q extends Schema = Schema, R extends Schema = Schema> extends MethodBase<Q> {
  readonly kind: 'unary'
  readonly response: R
  readonly examples: readonly { readonly request: Input<Q>; readonly response: Input<R> }[]
}

/** One request, many items from the server, on a stream of its own. */
export interface StreamMethod<Q extends Schema = Schema, I extends Schema = Schema> extends MethodBase<Q> {
  readonly kind: 'stream'
  readonly item: I
  readonly examples: readonly { readonly request: Input<Q>; readonly items: readonly Input<I>[] }[]
}

/** One request, then items both ways; the server's end is the end of the call. */
export interface DuplexMethod<Q extends Schema = Schema, U extends Schema = Schema, D extends Schema = Schema>
  extends MethodBase<Q> {
  readonly kind: 'duplex'
  readonly up: U
  readonly down: D
  readonly examples: readonly {
    readonly request: Input<Q>
    readonly up: readonly Input<U>[]
    readonly down: readonly Input<D>[]
  }[]
}

export type Method = UnaryMethod | StreamMethod | DuplexMethod

export function unary<const Q extends Schema, const R extends Schema>(
  init: Omit<UnaryMethod<Q, R>, 'kind'>
): UnaryMethod<Q, R> {
  return { kind: 'unary', ...init }
}

export function stream<const Q extends Schema, const I extends Schema>(
  init: Omit<StreamMethod<Q, I>, 'kind'>
): StreamMethod<Q, I> {
  return { kind: 'stream', ...init }
}

export function duplex<const Q extends Schema, const U extends Schema, const D extends Schema>(
  init: Omit<DuplexMethod<Q, U, D>, 'kind'>
): DuplexMethod<Q, U, D> {
  return { kind: 'duplex', ...init }
}

/** The schemas of a method by the name of their field. */
export function schemasOf(method: Method): Record<string, Schema> {
  if (method.kind === 'unary') return { request: method.request, response: method.response }
  if (method.kind === 'stream') return { request: method.request, item: method.item }
  return { request: method.request, up: method.up, down: method.down }
}

/** An example as pairs of schema and value. */
export function* exampleValues(method: Method): Generator<{ place: string; schema: Schema; value: unknown }> {
  for (const [i, example] of method.examples.entries()) {
    for (const [field, values] of Object.entries(example)) {
      const isMany = field === 'items' || field === 'up' || field === 'down'
      const schema = schemasOf(method)[field === 'items' ? 'item' : field]!
      for (const [j, value] of (isMany ? (values as unknown[]) : [values]).entries()) {
        yield { place: `${i}.${field}${isMany ? `.${j}` : ''}`, schema, value }
      }
    }
  }
}
