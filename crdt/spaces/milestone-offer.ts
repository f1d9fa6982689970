import { bytesToHex, type LogHead } from '../log/index.ts'
import { encodeMilestone, type Milestone } from '../milestone/index.ts'
import { SpaceKeys } from '../store/index.ts'
import { isTrusted } from './judge-milestone.ts'
import type { Milestones } from './milestones.ts'
import type { MilestoneOffer } from './replica.ts'
import type { SpaceContext } from './space-context.ts'

/** From so many lacking entries on, a smaller snapshot is sent instead of them. */
const minLacking = 4096
/** Bytes of an entry with a small value. */
const entryBytes = 128

/** The milestone that a device with this frontier is to get, if any. */
export function milestoneFor(
  context: SpaceContext,
  milestones: Milestones,
  frontier: readonly LogHead[],
  twin: Uint8Array
): MilestoneOffer | undefined {
  if (context.membership.view?.roleOf(twin) === 'replica') return undefined
  const theirs = new Map(frontier.map(([of, device, seq]) => [SpaceKeys.log(of, device), seq]))
  for (const { milestone } of milestones) {
    if (!isTrusted(context, milestone, twin) || !isWorth(context, milestone, theirs)) continue
    return { milestone: encodeMilestone(milestone), logs: milestone.logs, parts: () => partsOf(context, milestone) }
  }
  return undefined
}

function isWorth({ logs }: SpaceContext, milestone: Milestone, theirs: ReadonlyMap<string, number>): boolean {
  const covered = new Map(milestone.logs.map(([twin, device, seq]) => [SpaceKeys.log(twin, device), seq]))
  let [lacking, isNeeded] = [0, false]
  for (const log of logs) {
    const has = theirs.get(log.key) ?? 0
    const upTo = covered.get(log.key) ?? 0
    // What follows would not touch it
    if (log.base.seq > Math.max(has, upTo)) return false
    isNeeded ||= log.base.seq > has
    lacking += Math.max(0, upTo - has)
  }
  const bytes = milestone.parts.reduce((sum, [, size]) => sum + size, 0)
  return isNeeded || (lacking >= minLacking && bytes < lacking * entryBytes)
}

async function* partsOf({ store, keys }: SpaceContext, milestone: Milestone): AsyncIterable<Uint8Array> {
  for (const [hash] of milestone.parts) {
    const part = await store.get(keys.parts + bytesToHex(hash))
    // A newer milestone took its place meanwhile: the peer asks again
    if (part === undefined) return
    yield part
  }
}
