/**
 * - `malformed`: no request or no answer, or one that breaks a rule of its form
 * - `expired`: its time is over, or has not begun
 * - `wrong-audience`: it is for another site
 * - `unknown-request`: not the answer to what this site asked this visitor
 * - `replayed`: it was accepted once
 * - `signature`: it was changed after it was signed
 * - `certificate`: whoever signed it does not speak for the twin
 * - `revoked`: whoever signed it was shut out of the twin
 */
export type LoginErrorCode =
  | 'malformed'
  | 'expired'
  | 'wrong-audience'
  | 'unknown-request'
  | 'replayed'
  | 'signature'
  | 'certificate'
  | 'revoked'

/** A request or an answer does not count, and why. The message is fit for the visitor. */
export class LoginError extends Error {
  override readonly name = 'LoginError'
  readonly code: LoginErrorCode

  constructor(code: LoginErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
