import type { EntryMarks } from './entry-marks.ts'
import type { SpaceContext } from './space-context.ts'

/** Why nothing of a space may be dropped now, whatever its documents are; undefined when it may. */
export function compactionObstacle(context: SpaceContext, marks: EntryMarks): string | undefined {
  const { keyRing, membership, quarantine } = context
  const logs = [...context.logs]
  if (logs.some(({ isFrozen }) => isFrozen) || membership.proof !== undefined) return 'Two histories were signed'
  // Whoever takes the milestone cannot know that what follows there is out
  if (logs.some(({ client, seq }) => quarantine.endOf(client) === undefined && quarantine.has(client, seq))) {
    return 'Somebody has not said yet that they know of a removal'
  }
  if ([...marks.unread].length > 0) return 'It has documents of kinds that are not known here'
  if (logs.some(({ client }) => marks.countOf(client).held > 0)) return 'Entries are held back'
  const epoch = membership.view?.epoch?.epoch
  if (epoch === undefined || keyRing.get(epoch) === undefined) return 'The key of the space is not here'
  return undefined
}
