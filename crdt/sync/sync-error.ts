/** Why a session ended. `malformed` and `flood` are the peer's doing, `refused` says that it sent what does not verify. */
export type SyncErrorCode = 'malformed' | 'flood' | 'refused' | 'replica' | 'send' | 'closed'

/** A session is over; local only, never told to the peer as it is. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: SyncErrorCode

  constructor(code: SyncErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
