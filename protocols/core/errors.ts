/**
 * What each code means, the nearest HTTP status, and the exit code of the command line. The list is closed: a peer that
 * sends another code is read as `Internal`.
 */
export const errorCodes = {
  Cancelled: { http: 499, exit: 130, doc: 'The caller gave up before the answer' },
  InvalidArgument: { http: 400, exit: 2, doc: 'The request does not fit the contract, whatever the state of the twin' },
  DeadlineExceeded: { http: 504, exit: 75, doc: 'The time allowed for the call, or for progress on it, ran out' },
  NotFound: { http: 404, exit: 4, doc: 'Nothing is there under the name that was asked for' },
  AlreadyExists: { http: 409, exit: 5, doc: 'Something is already there under the name that was given' },
  PermissionDenied: { http: 403, exit: 77, doc: 'The caller is known and may not do this' },
  ResourceExhausted: { http: 429, exit: 75, doc: 'A rate, a quota or a number in flight is used up' },
  FailedPrecondition: { http: 412, exit: 6, doc: 'The twin is not in the state that the call needs' },
  Aborted: { http: 409, exit: 75, doc: 'Something else changed meanwhile; reading again and retrying may work' },
  Unimplemented: { http: 501, exit: 69, doc: 'The peer does not offer this method in the version agreed on' },
  Unavailable: { http: 503, exit: 69, doc: 'The peer cannot be reached or the stream broke; the call may have run' },
  Internal: { http: 500, exit: 70, doc: 'The peer failed in a way it does not explain to others' },
  Unauthenticated: { http: 401, exit: 77, doc: 'The caller did not prove who it is' },
  TooLarge: { http: 413, exit: 2, doc: 'A message is above the size that the contract allows' }
} as const

export type ErrorCode = keyof typeof errorCodes

/** Codes that any method may answer with; the others have to be in the method's `errors`. */
export const universalErrorCodes: readonly ErrorCode[] = [
  'Cancelled',
  'InvalidArgument',
  'DeadlineExceeded',
  'PermissionDenied',
  'ResourceExhausted',
  'Unimplemented',
  'Unavailable',
  'Internal',
  'Unauthenticated',
  'TooLarge'
]

/** Characters of an error sentence on the wire: a sentence, not a page. */
export const maxErrorMessageLength = 256

export interface ProtocolErrorOptions extends ErrorOptions {
  /** Small JSON-like facts for programs (at most 1 KiB encoded), as public as the message */
  details?: Readonly<Record<string, unknown>>
}

/**
 * The only error whose words reach a peer, so its message is written for strangers.
 *
 * @example
 * throw new ProtocolError('NotFound', 'No value under this key')
 */
export class ProtocolError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, message: string, options?: ProtocolErrorOptions) {
    super(message, options)
    this.name = 'ProtocolError'
    this.code = code
    this.details = options?.details
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value)
}

/** Any thrown value as an `Error`: streams reject with `Event` objects too, whose `error` says why. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const inner = (thrown as { error?: unknown } | undefined)?.error
  return inner instanceof Error ? inner : new Error('Stream closed', { cause: thrown })
}

/** What a caller sees when the carrier failed under its call. */
export function toUnavailable(thrown: unknown, message = 'The connection to the peer broke'): ProtocolError {
  return thrown instanceof ProtocolError
    ? thrown
    : new ProtocolError('Unavailable', message, { cause: toError(thrown) })
}
