import { VersionConflict } from '../../crdt/key-value/index.ts'
import { ProtocolError } from '../core/index.ts'
import { refusing as refusingSpace } from '../refusing.ts'

/** What the store says about a write, as the contract has it. */
export async function refusing<T>(writing: Promise<T>): Promise<T> {
  try {
    return await refusingSpace(writing)
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error
    const { key, version = '' } = error
    const stands = version === '' ? 'Nothing stands under this key' : `Version ${version} stands under this key`
    throw new ProtocolError('FailedPrecondition', `${stands}, another was expected`, {
      cause: error,
      details: key.length <= 128 ? { key, version } : { version }
    })
  }
}
