import { type Caller, type OwnerLevel, reaches } from './caller.ts'
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

/**
 * The contract's word: the caller's class is listed in the scope, an own device has the level that is needed, and an experience was
 * also granted it by name.
 */
export const authorizeByClass: Authorize = ({ caller, protocol, method, scope }) => {
  const name = protocol.methods[method]!.scope
  if (!protocol.scopes[name]!.callers.includes(caller.class)) {
    return { allow: false, reason: `Scope ${scope} is not open to the class ${caller.class}` }
  }
  if (caller.class === 'owner' && caller.level !== undefined) {
    const needed = levelOf(protocol, method)
    return reaches(caller.level, needed) ? { allow: true } : { allow: false, reason: tooLow(caller.level, scope) }
  }
  if (caller.class !== 'experience') return { allow: true }
  const isGranted = caller.scopes?.some(granted => granted === '*' || granted === scopeId(protocol, name)) ?? false
  return isGranted ? { allow: true } : { allow: false, reason: `Scope ${scope} was not granted to this experience` }
}

/** What an own device needs for a method. */
export function levelOf(protocol: AnyProtocol, method: string): OwnerLevel {
  const { level, scope } = protocol.methods[method]!
  return level ?? protocol.scopes[scope]!.level ?? 'normal'
}

function tooLow(level: OwnerLevel, scope: string): string {
  if (level === 'view') return `This device may only look: ${scope} is for devices that may change things`
  if (level === 'normal') return `This device is new: ${scope} has to wait until it is trusted`
  return `${scope} is for the machines that run the twin`
}
