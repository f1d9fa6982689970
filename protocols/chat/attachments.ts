import { BlobError, type BlobReference, type Blobs, referenceToList } from '../../crdt/blobs/index.ts'
import { ProtocolError } from '../core/index.ts'

/** Keeps blobs until a message refers to them; the answer lets go. @throws {ProtocolError} when one is not here */
export async function holdAll(blobs: Pick<Blobs, 'hold'>, attachments: readonly BlobReference[]): Promise<() => void> {
  const releases: (() => void)[] = []
  const release = () => {
    for (const one of releases) one()
  }
  try {
    for (const reference of attachments) {
      check(reference)
      releases.push(await blobs.hold(reference.address))
    }
    return release
  } catch (error) {
    release()
    if (!(error instanceof BlobError)) throw error
    throw new ProtocolError('FailedPrecondition', 'An attached file is not stored here, store it again', {
      cause: error
    })
  }
}

function check(reference: BlobReference): void {
  try {
    referenceToList(reference)
  } catch (cause) {
    throw new ProtocolError('InvalidArgument', 'An attachment has a name without a folder and a plain media type', {
      cause
    })
  }
}
