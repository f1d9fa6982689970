import { bytesToHex, type LogHead, type LogId } from '../log/index.ts'
import { encodeMilestone, type Milestone } from '../milestone/index.ts'
import { SpaceKeys } from '../store/index.ts'
import { isTrusted } from './judge-milestone.ts'
import type { Milestones } from './milestones.ts'
import type { MilestoneAnswer, MilestoneOffer } from './replica.ts'
import type { SpaceContext } from './space-context.ts'

/** From so many lacking entries on, a smaller snapshot is sent instead of them. */
const minLacking = 4096
/** Bytes of an entry with a small value. */
const entryBytes = 128

/** Entries up to where, by log. */
type Heads = ReadonlyMap<string, number>

/** The milestones that a device with this frontier is to get: one if that will do, else all that it takes. */
export function milestonesFor(
  context: SpaceContext,
  milestones: Milestones,
  frontier: readonly LogHead[],
  twin: Uint8Array
): MilestoneOffer[] {
  const theirs = new Map(frontier.map(([of, device, seq]) => [SpaceKeys.log(of, device), seq]))
  const trusted = [...milestones].map(({ milestone }) => milestone).filter(one => isTrusted(context, one, twin))
  const single = trusted.find(milestone => isWorth(context, [milestone], theirs))
  const some = trusted.filter(milestone => lackingOf(milestone, theirs) > 0)
  const chosen = single !== undefined ? [single] : isWorth(context, some, theirs) ? some : []
  return chosen.map(milestone => offerOf(context, milestone))
}

/** Milestones of writers that a device may hold in place of entries, and has not said to hold. */
export function milestonesToTell(context: SpaceContext, milestones: Milestones, peer: LogId): Uint8Array[] {
  return [...milestones]
    .map(({ milestone }) => milestone)
    .filter(one => one.version === 2 && isTrusted(context, one, peer.twin) && !milestones.isHeldBy(peer, one))
    .map(encodeMilestone)
}

/** A milestone that is here under this name, for who asked for it. */
export function milestoneWanted(
  context: SpaceContext,
  milestones: Milestones,
  peer: LogId,
  { by, number, wants }: MilestoneAnswer
): MilestoneOffer | undefined {
  const milestone = milestones.by(by)?.milestone
  if (milestone?.number !== number || !isTrusted(context, milestone, peer.twin)) return undefined
  if (wants) return offerOf(context, milestone)
  milestones.heldBy(peer, milestone)
  return undefined
}

function offerOf(context: SpaceContext, milestone: Milestone): MilestoneOffer {
  const { by, number, logs } = milestone
  return {
    key: `${SpaceKeys.log(by.twin, by.device)}/${number}`,
    milestone: encodeMilestone(milestone),
    logs,
    parts: () => partsOf(context, milestone)
  }
}

function isWorth({ logs }: SpaceContext, milestones: readonly Milestone[], theirs: Heads): boolean {
  const covered = coveredBy(milestones)
  let [lacking, isNeeded] = [0, false]
  for (const log of logs) {
    const has = theirs.get(log.key) ?? 0
    const upTo = covered.get(log.key) ?? 0
    // What follows would not touch it
    if (log.base.seq > Math.max(has, upTo)) return false
    isNeeded ||= log.base.seq > has
    lacking += Math.max(0, upTo - has)
  }
  const bytes = milestones.flatMap(({ parts }) => parts).reduce((sum, [, size]) => sum + size, 0)
  return isNeeded || (lacking >= minLacking && bytes < lacking * entryBytes)
}

function coveredBy(milestones: readonly Milestone[]): Heads {
  const covered = new Map<string, number>()
  for (const [twin, device, seq] of milestones.flatMap(({ logs }) => logs)) {
    const key = SpaceKeys.log(twin, device)
    covered.set(key, Math.max(seq, covered.get(key) ?? 0))
  }
  return covered
}

function lackingOf({ logs }: Milestone, theirs: Heads): number {
  const lacking = ([twin, device, seq]: LogHead) => Math.max(0, seq - (theirs.get(SpaceKeys.log(twin, device)) ?? 0))
  return logs.reduce((sum, head) => sum + lacking(head), 0)
}

async function* partsOf({ store, keys }: SpaceContext, milestone: Milestone): AsyncIterable<Uint8Array> {
  for (const [hash] of milestone.parts) {
    const part = await store.get(keys.parts + bytesToHex(hash))
    // A newer milestone took its place meanwhile: the peer asks again
    if (part === undefined) return
    yield part
  }
}
