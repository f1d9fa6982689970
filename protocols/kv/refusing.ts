import { SpaceError, type SpaceErrorCode } from '../../crdt/index.ts'
import { VersionConflict } from '../../crdt/key-value/index.ts'
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

/** What the store says about a write, as the contract has it. */
export async function refusing<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing
  } catch (error) {
    // Only the owner and what acts for the owner write here, and the space's sentences are for owners
    if (error instanceof SpaceError) throw new ProtocolError(codes[error.code], error.message, { cause: error })
    if (!(error instanceof VersionConflict)) throw error
    const { key, version = '' } = error
    const stands = version === '' ? 'Nothing stands under this key' : `Version ${version} stands under this key`
    throw new ProtocolError('FailedPrecondition', `${stands}, another was expected`, {
      cause: error,
      details: key.length <= 128 ? { key, version } : { version }
    })
  }
}
