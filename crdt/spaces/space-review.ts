import { SpaceKeys } from '../store/index.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { HeldRun } from './held-runs.ts'
import type { LogReview, SpaceReview } from './space.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

/** What this device has of a space and does not show, read off its parts. */
export function reviewOf(
  context: SpaceContext,
  marks: EntryMarks,
  waiting: Iterable<HeldRun>,
  { unshown, behind }: Pick<SpaceReview, 'unshown' | 'behind'>
): SpaceReview {
  const logs = new Map<string, LogReview>()
  for (const log of context.logs) {
    const { rejected, held, overQuota } = marks.countOf(log.client)
    const cut = context.quarantine.countOf(log.client, log.seq)
    if (rejected > 0 || held > 0 || cut > 0 || log.isFrozen) {
      logs.set(log.key, { log: log.id, rejected, held, overQuota, cut, waiting: 0, isFrozen: log.isFrozen })
    }
  }
  for (const { log } of waiting) {
    const key = SpaceKeys.log(log.twin, log.device)
    const known = logs.get(key) ?? { log, rejected: 0, held: 0, overQuota: 0, cut: 0, waiting: 0, isFrozen: false }
    logs.set(key, { ...known, waiting: known.waiting + 1 })
  }
  const unread = [...marks.unread].filter(document => !context.kinds.has(kindOf(document)))
  return { logs: [...logs.values()], unread, unshown, behind }
}
