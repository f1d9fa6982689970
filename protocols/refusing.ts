import { SpaceError, type SpaceErrorCode } from '../crdt/index.ts'
import { type ErrorCode, ProtocolError } from './core/index.ts'

const codes: Record<SpaceErrorCode, ErrorCode> = {
  'not-writer': 'FailedPrecondition',
  'unknown-document': 'Internal',
  'not-open': 'FailedPrecondition',
  'not-keeper': 'FailedPrecondition',
  'too-large': 'ResourceExhausted',
  fenced: 'Unavailable',
  stopped: 'Unavailable'
}

/** What a space says about a write, as contracts have it. Only the owner and what acts for them write, and its sentences are for owners. */
export async function refusing<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing
  } catch (error) {
    if (!(error instanceof SpaceError)) throw error
    throw new ProtocolError(codes[error.code], error.message, { cause: error })
  }
}
