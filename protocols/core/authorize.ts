import type { Caller } from './caller.ts'
import { scopeId } from './define-protocol.ts'
import type { AnyProtocol } from './define-service.ts'

export interface AuthorizeRequest {
  readonly caller: Caller
  readonly protocol: AnyProtocol
  readonly method: string
  /** Full name, such as `kv.read` */
  readonly scope: string
  /** The checked request */
  readonly body: unknown
}

export type Decision = { readonly allow: true } | { readonly allow: false; readonly reason: string }

/** Decides before the service sees the request. The reason is shown to an owner and logged, never told to others. */
export type Authorize = (request: AuthorizeRequest) => Decision | Promise<Decision>

/** The contract's word: the caller's class is listed in the scope, and an experience was also granted it by name. */
export const authorizeByClass: Authorize = ({ caller, protocol, method, scope }) => {
  const name = protocol.methods[method]!.scope
  if (!protocol.scopes[name]!.callers.includes(caller.class)) {
    return { allow: false, reason: `Scope ${scope} is not open to the class ${caller.class}` }
  }
  if (caller.class !== 'experience') return { allow: true }
  const isGranted = caller.scopes?.some(granted => granted === '*' || granted === scopeId(protocol, name)) ?? false
  return isGranted ? { allow: true } : { allow: false, reason: `Scope ${scope} was not granted to this experience` }
}
