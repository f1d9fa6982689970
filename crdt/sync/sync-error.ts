/**
 * Why a session ended. `malformed` and `flood` are the peer's doing, `refused` says that it sent what does not verify, `revoked` that its
 * device is no longer one of its twin.
 */
export type SyncErrorCode = 'malformed' | 'flood' | 'refused' | 'replica' | 'send' | 'closed' | 'revoked'

/** A session is over; local only, never told to the peer as it is. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: SyncErrorCode

  constructor(code: SyncErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
