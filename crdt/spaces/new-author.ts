import { isNewDevice, unsealedMs } from '../identity/index.ts'
import type { LogId } from '../log/index.ts'
import type { SpaceContext } from './space-context.ts'

/**
 * Whether all that a device wrote may still be taken back ([0045](../../docs/decisions/0045-taken-back.md)): nothing that has some of it is
 * put into a milestone, or taken from one, for it could not be taken out again.
 */
export function isNewAuthor({ directory, clock }: Pick<SpaceContext, 'directory' | 'clock'>, { twin, device }: LogId) {
  const listed = directory.get(twin)?.device(device)
  return listed?.revoked === undefined && isNewDevice(listed?.certificate.scopes ?? [], clock(), unsealedMs)
}
