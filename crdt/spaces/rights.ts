import { equals } from 'uint8arrays/equals'
import { isViewOnly } from '../identity/index.ts'
import { commitPreimage, type LogId, lastOf, type Run } from '../log/index.ts'
import type { VerifiedRun } from './chain.ts'
import { isLeft } from './left-device.ts'
import { Refusal } from './receive-outcome.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/**
 * Whether the author of a run may write it, by the membership that the run names and the device lists that are here.
 *
 * @param before membership head of the run before: heads never go back
 * @param from who handed the run over
 * @throws {Refusal}
 */
export function checkRights(
  context: SpaceContext,
  log: SpaceLog,
  run: Run,
  before: Run['mhead'] | undefined,
  from: LogId
): void {
  const { membership, directory, keyRing, quarantine, me } = context
  const view = membership.at(run.mhead)
  if (view === undefined) throw new Refusal('later', 'The membership head is not known here')
  if (before !== undefined && run.mhead[1] < before[1]) {
    throw new Refusal('membership', 'The membership head goes back')
  }
  if (view.epoch?.epoch !== run.epoch) throw new Refusal('membership', 'Epoch and membership head do not agree')
  if (!view.mayWrite(log.id.twin)) throw new Refusal('membership', 'The twin may not write')
  const list = directory.get(log.id.twin)
  const device = list?.device(log.id.device)
  if (list === undefined || device === undefined) {
    throw new Refusal('later', 'The device is not on a list that is known here')
  }
  if (isViewOnly(device.certificate.scopes)) throw new Refusal('membership', 'The device may only look')
  // A run that goes beyond the end is taken as a whole: its signature vouches for all of it
  const end = quarantine.endOf(log.client)
  if (end !== undefined && run.first > end.seq) throw new Refusal('membership', 'The log ends before')
  // What a revoked device wrote before is believed from one's own devices only, until its cuts say where it ends;
  // after a restore nobody else has what those before wrote
  const isOwn = equals(from.twin, me.twin) || isLeft(context, log.id)
  if (end === undefined && list.isRevoked(log.id.device) && !isOwn) {
    throw new Refusal('membership', 'The device is revoked')
  }
  if (keyRing.get(run.epoch) === undefined && membership.view?.roleOf(me.twin) !== 'replica') {
    throw new Refusal('later', 'The key of the epoch is not here')
  }
}

/** Whether the device of the log signed the last entry of a run. */
export async function isSigned(
  { crypto, directory, id }: SpaceContext,
  { log, run, hashes }: VerifiedRun
): Promise<boolean> {
  const device = directory.get(log.id.twin)?.device(log.id.device)
  if (device === undefined) return false
  const message = commitPreimage(id, log.id, lastOf(run), hashes.at(-1)!)
  return crypto.verify(device.certificate.signing, message, run.signature)
}
