import { isViewOnly } from '../identity/index.ts'
import { isLongerThan, maxDocumentBytes } from '../log/index.ts'
import { SpaceError } from './space.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

/** Why no document of this name can be in the space, if so. */
export function nameRefusal({ kinds, facts }: SpaceContext, document: string): SpaceError | undefined {
  const kind = kinds.get(kindOf(document))
  if (kind?.spaces.includes(facts.kind) && !isLongerThan(document, maxDocumentBytes)) return undefined
  return new SpaceError('unknown-document', 'No document of this name can be in this space')
}

/** Whether entries of a twin in a document are taken, as members are now. */
export function mayWriteIn({ membership, kinds, facts }: SpaceContext, document: string, twin: Uint8Array): boolean {
  const { view } = membership
  const writer = kinds.get(kindOf(document))?.writer(document, facts)
  return view?.mayWrite(twin) === true && (writer === 'members' || writer === view.numberOf(twin))
}

/** Why this device may not write a document now, if so. */
export function writeRefusal(context: SpaceContext, document: string): SpaceError | undefined {
  const { membership, me, keyRing, directory, commit, facts, logs } = context
  if (commit.isStopped) return new SpaceError('stopped', 'The twin is stopping')
  const list = directory.get(me.twin)
  const device = list?.device(me.device)
  if (device !== undefined && list?.isRevoked(me.device) === true) {
    return new SpaceError('not-open', 'This device was revoked: set it up anew to go on')
  }
  if (device !== undefined && isViewOnly(device.certificate.scopes)) {
    return new SpaceError('not-writer', 'This device may only look')
  }
  if (facts.state !== 'open') return new SpaceError('not-open', 'The space is not open')
  const misnamed = nameRefusal(context, document)
  if (misnamed !== undefined) return misnamed
  const view = membership.view!
  if (!mayWriteIn(context, document, me.twin)) {
    return new SpaceError('not-writer', 'Only its writer may change this document')
  }
  if (view.epoch === undefined || keyRing.get(view.epoch.epoch) === undefined) {
    return new SpaceError('not-open', 'The key of the space has not arrived yet')
  }
  if (logs.own?.isFrozen === true) {
    return new SpaceError('not-open', 'Two histories of this device exist: set up a new device')
  }
  return undefined
}
