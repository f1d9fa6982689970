import { BlobError, type BlobErrorCode } from '../../crdt/blobs/index.ts'
import { type ErrorCode, ProtocolError } from '../core/index.ts'

const codes: Record<BlobErrorCode, ErrorCode> = {
  'no-space': 'ResourceExhausted',
  'too-large': 'TooLarge',
  missing: 'NotFound',
  damaged: 'FailedPrecondition'
}

/** What the store of blobs says, as the contract has it. Its sentences are for owners, and only they hear them. */
export async function refusing<T>(task: Promise<T>): Promise<T> {
  try {
    return await task
  } catch (error) {
    if (error instanceof BlobError) throw new ProtocolError(codes[error.code], error.message, { cause: error })
    if (error instanceof RangeError) throw new ProtocolError('InvalidArgument', error.message, { cause: error })
    throw error
  }
}
