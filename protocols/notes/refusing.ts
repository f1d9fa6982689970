import { SpaceError, type SpaceErrorCode } from '../../crdt/index.ts'
import { type ErrorCode, ProtocolError } from '../core/index.ts'

const codes: Record<SpaceErrorCode, ErrorCode> = {
  'not-writer': 'FailedPrecondition',
  'unknown-document': 'Internal',
  'not-open': 'FailedPrecondition',
  'not-keeper': 'FailedPrecondition',
  'too-large': 'ResourceExhausted',
  fenced: 'Unavailable',
  stopped: 'Unavailable'
}

/** What the store says about a write, as the contract has it. Only the owner and what acts for them write here. */
export async function refusing<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing
  } catch (error) {
    if (!(error instanceof SpaceError)) throw error
    throw new ProtocolError(codes[error.code], error.message, { cause: error })
  }
}
