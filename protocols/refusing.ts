import { SpaceError, type SpaceErrorCode, StoreError } from '../crdt/index.ts'
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

/** What a store that is closed, or a space that is being read again, means to who reads: try again. For `createServer({ explain })`. */
export function explainStore(thrown: unknown): ProtocolError | undefined {
  const isAway = thrown instanceof StoreError || (thrown instanceof SpaceError && codes[thrown.code] === 'Unavailable')
  if (!isAway) return undefined
  return new ProtocolError('Unavailable', 'The twin cannot read its store now', { cause: thrown })
}
