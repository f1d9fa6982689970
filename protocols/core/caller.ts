/** What a caller is to this twin: the first question of every authorisation. */
export type CallerClass = 'owner' | 'contact' | 'experience' | 'stranger'

export const callerClasses: readonly CallerClass[] = ['owner', 'contact', 'experience', 'stranger']

/**
 * How much an own device may do, each including those before it: look; change; change devices too, which it may not while it is new;
 * administer, as the twin's nodes do.
 */
export type OwnerLevel = 'view' | 'normal' | 'trusted' | 'admin'

const ownerLevels: readonly OwnerLevel[] = ['view', 'normal', 'trusted', 'admin']

export function reaches(level: OwnerLevel, needed: OwnerLevel): boolean {
  return ownerLevels.indexOf(level) >= ownerLevels.indexOf(needed)
}

export interface Caller {
  readonly class: CallerClass
  /** Twin id */
  readonly twin?: string
  /** Number in the twin's device list */
  readonly device?: number
  /** libp2p peer id of the connection */
  readonly peer?: string
  readonly role?: string
  /** Of an own device; absent on the owner's own machine, where everything is allowed */
  readonly level?: OwnerLevel
  /** Granted scopes in full, such as `kv.read`; `*` grants all */
  readonly scopes?: readonly string[]
}

/** What a service learns about one call besides its request. */
export interface CallContext {
  readonly caller: Caller
  /** Fires when the caller cancels, its connection breaks, the deadline passes or the server stops */
  readonly signal: AbortSignal
  readonly method: string
  readonly relayed: boolean
  /** Negotiated version, such as `1.0` */
  readonly version: string
}

/** One bucket for all devices and connections of a twin; strangers share nothing but their own peer id. */
export function callerKey(caller: Caller): string {
  return `${caller.class} ${caller.twin ?? caller.peer ?? ''}`
}
