import { isNewAuthor } from './new-author.ts'
import type { SpaceContext } from './space-context.ts'

/** Why nothing of a space may be dropped now, whatever its documents are; undefined when it may. */
export function compactionObstacle(context: SpaceContext): string | undefined {
  const { keyRing, logs, membership, quarantine } = context
  const all = [...logs]
  if (all.some(({ id, seq }) => seq > 0 && isNewAuthor(context, id))) return 'A new device wrote here'
  if (all.some(({ isFrozen }) => isFrozen) || membership.proof !== undefined) return 'Two histories were signed'
  // Whoever takes the milestone cannot know that what follows there is out
  if (all.some(({ client, seq }) => quarantine.endOf(client) === undefined && quarantine.has(client, seq))) {
    return 'Somebody has not said yet that they know of a removal'
  }
  const epoch = membership.view?.epoch?.epoch
  if (epoch === undefined || keyRing.get(epoch) === undefined) return 'The key of the space is not here'
  return undefined
}
