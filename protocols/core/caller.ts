/** What a caller is to this twin: the first question of every authorisation. */
export type CallerClass = 'owner' | 'contact' | 'experience' | 'stranger'

export const callerClasses: readonly CallerClass[] = ['owner', 'contact', 'experience', 'stranger']

export interface Caller {
  readonly class: CallerClass
  /** Twin id */
  readonly twin?: string
  /** Number in the twin's device list */
  readonly device?: number
  /** libp2p peer id of the connection */
  readonly peer?: string
  readonly role?: string
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
