import { SpaceError, type SpaceErrorCode } from '../../crdt/index.ts'
import { type ErrorCode, ProtocolError } from '../core/index.ts'

const answers: Record<SpaceErrorCode, readonly [ErrorCode, string]> = {
  'not-writer': ['FailedPrecondition', 'You may not write in this conversation'],
  'unknown-document': ['Internal', 'No such document'],
  'not-open': ['FailedPrecondition', 'This conversation is not open'],
  'too-large': ['ResourceExhausted', 'This conversation is full for this month'],
  fenced: ['Unavailable', 'The store is being repaired after a failed write, try again'],
  stopped: ['Unavailable', 'The twin is stopping']
}

/** What the space says about a write, in the words of the contract. */
export async function refusing<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing
  } catch (error) {
    if (!(error instanceof SpaceError)) throw error
    const [code, message] = answers[error.code]
    throw new ProtocolError(code, message, { cause: error })
  }
}
