/**
 * Why a new device was not let in, for its page to say:
 *
 * - `malformed`, `expired`: the link
 * - `unknown`: the twin has no such link open, or not any more
 * - `taken`: another device came first with the same link
 * - `refused`, `burnt`: the owner said no, or typed other digits
 * - `impostor`: what came back does not belong to the twin of the link
 */
export type PairingErrorCode = 'malformed' | 'expired' | 'unknown' | 'taken' | 'refused' | 'burnt' | 'impostor'

export class PairingError extends Error {
  override readonly name = 'PairingError'
  readonly code: PairingErrorCode

  constructor(code: PairingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
