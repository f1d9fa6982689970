import type { ReceiveResult } from '../spaces/index.ts'
import type { PeerSpace } from './peer-space.ts'
import { SyncError } from './sync-error.ts'

/** Refusals after which the peer is not believed any more: it passed on what does not verify. */
const DISHONEST: readonly string[] = ['malformed', 'signature']

/** What becomes of runs that were not taken; `again`: the space is to be opened anew at once. @throws {SyncError} that ends the session */
export function noteRefusal(
  space: PeerSpace,
  { code, reason }: NonNullable<ReceiveResult['refused']>
): 'again' | undefined {
  if (DISHONEST.includes(code)) {
    throw new SyncError('refused', `The peer sent a run that does not verify: ${reason}`)
  }
  if (code === 'failed') throw new SyncError('replica', reason)
  if (code === 'chain') return 'again'
  if (code === 'later') space.isOwed = true
  else if (code === 'budget') space.isOverflowing = true
  return undefined
}
