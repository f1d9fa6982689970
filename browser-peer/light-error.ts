export type LightErrorCode =
  /** The browser lacks what keys or transports need */
  | 'unsupported'
  /** No twin has listed this browser yet */
  | 'not-paired'
  /** What was kept here is gone: the browser has to be paired anew, as a new device */
  | 'storage-lost'

/** Why there is no light peer here, in a sentence for the owner. */
export class LightError extends Error {
  override readonly name = 'LightError'
  readonly code: LightErrorCode

  constructor(code: LightErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export function storageLost(options?: ErrorOptions): LightError {
  const message = 'What this browser kept of your twin is gone; pair it again. Nothing on your twin is lost'
  return new LightError('storage-lost', message, options)
}
