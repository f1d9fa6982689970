import { type DeviceDirectory, isCurrent, isVisit, levelAt } from '../crdt/identity/index.ts'
import { type Authorize, authorizeByClass } from '../protocols/core/index.ts'

export interface OwnGuardInit {
  readonly twin: Uint8Array
  readonly directory: Pick<DeviceDirectory, 'get'>
  /** ms since 1970 */
  readonly now?: () => number
}

/**
 * The contract's word, with the level that an own device has at this moment: a stream may have been opened while it had another one, or
 * before it was revoked.
 */
export function ownGuard({ twin, directory, now = Date.now }: OwnGuardInit): Authorize {
  return request => {
    const { caller } = request
    if (caller.class !== 'owner' || caller.level === undefined || caller.device === undefined) {
      return authorizeByClass(request)
    }
    const list = directory.get(twin)
    const device = list?.device(caller.device)
    if (list === undefined || device === undefined || list.isRevoked(device.number)) {
      return { allow: false, reason: 'This device was revoked' }
    }
    const { certificate } = device
    if (isVisit(certificate) && !isCurrent(certificate, now())) {
      return { allow: false, reason: 'This visit is over' }
    }
    const level = levelAt(certificate.scopes, now(), number => list.isRevoked(number))
    return authorizeByClass({ ...request, caller: { ...caller, level } })
  }
}
