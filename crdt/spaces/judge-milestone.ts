import { equals } from 'uint8arrays/equals'
import type * as Y from 'yjs'
import type { LoadedDocument } from '../documents/index.ts'
import { gateSnapshot } from '../gate/index.ts'
import { isFormer } from '../identity/index.ts'
import { clientId, type LogHead, type LogId } from '../log/index.ts'
import { areSound, type ListedDocument, type Milestone, verifyMilestone } from '../milestone/index.ts'
import type { HeldMilestone, Snapshot } from './held-milestone.ts'
import { hasLeft, isLeft, isOpenEnded } from './left-device.ts'
import type { Milestones } from './milestones.ts'
import { isNewAuthor } from './new-author.ts'
import { Refusal } from './receive-outcome.ts'
import { isByWriters, isCompactable } from './snapshot-rules.ts'
import { kindOf, type SpaceContext } from './space-context.ts'

export interface JudgeInit {
  readonly context: SpaceContext
  readonly milestones: Milestones
}

/** A milestone that may be taken, with its documents; `undefined` when nothing of it is lacking. @throws {Refusal} */
export async function judgeMilestone(
  { context, milestones }: JudgeInit,
  milestone: Milestone
): Promise<HeldMilestone | undefined> {
  const { id, directory, crypto, me, logs } = context
  if (!equals(milestone.space, id)) throw new Refusal('malformed', 'The milestone is of another space')
  const device = directory.get(milestone.by.twin)?.device(milestone.by.device)
  if (device === undefined) throw new Refusal('later', 'The device that signed the milestone is not known')
  if (!(await verifyMilestone(milestone, device.certificate.signing, crypto))) {
    throw new Refusal('signature', 'The signature of the milestone is not that of the device')
  }
  const isNewOne = ([twin, device]: LogHead) => isNewAuthor(context, { twin, device })
  if (isNewAuthor(context, milestone.by) || milestone.logs.some(isNewOne)) {
    throw new Refusal('later', 'The milestone has what a new device wrote')
  }
  if (!isTrusted(context, milestone, me.twin)) {
    throw new Refusal('membership', 'A milestone is taken from the keeper of the space and from own devices')
  }
  if (isByWriters(context) && milestone.logs.some(([twin]) => !equals(twin, milestone.by.twin))) {
    throw new Refusal('membership', 'The milestone covers what is not of its writer')
  }
  let isNew = isByWriters(context) && !milestones.covers(milestone)
  for (const [twin, number, seq, hash] of milestone.logs) {
    const log = logs.open({ twin, device: number })
    if (log === undefined) throw new Refusal('later', 'A twin of the milestone is no member that is known here')
    const end = context.quarantine.endOf(log.client)
    if (end !== undefined && seq > end.seq) throw new Refusal('membership', 'The milestone goes on where a log ends')
    if (log.seq < seq) {
      isNew = true
      if (number === me.device && equals(twin, me.twin)) {
        throw new Refusal('fork', 'The milestone has entries of this device that it has not: the disk was rolled back')
      }
    } else {
      const own = await logs.hashAt(log, seq)
      if (own !== undefined && !equals(own, hash)) throw new Refusal('chain', 'The milestone is of another history')
    }
  }
  if (!isNew) return undefined
  if (milestone.number <= (milestones.by(milestone.by)?.milestone.number ?? 0)) return undefined
  const held = await milestones.open(milestone)
  if (held === undefined) throw new Refusal('later', 'The milestone does not open with the keys that are here')
  for (const { listed } of held.documents.values()) {
    const kind = context.kinds.get(kindOf(listed.document))
    if (kind === undefined || !isCompactable(kind, listed.document, context, milestone.by.twin)) {
      throw new Refusal(
        'membership',
        `The milestone has a document that its device may not speak for: ${listed.document}`
      )
    }
    if (isByWriters(context) && !hasEntries(context, milestone, listed)) {
      throw new Refusal('signature', `The milestone does not say with which entries ${listed.document} was written`)
    }
  }
  return held
}

/**
 * Whether a document of a milestone is sound.
 *
 * @param into takes it, if given: an empty document, worthless when it is not sound
 * @throws {Refusal} that names it
 */
export async function judgeSnapshot(
  { context, milestones }: JudgeInit,
  snapshot: Snapshot,
  into?: LoadedDocument
): Promise<Y.Transaction | undefined> {
  const { document, clocks, beyond } = snapshot.listed
  const covered = new Set<number>()
  for (const [twin, device] of [...snapshot.milestone.logs, ...beyond]) {
    const member = context.facts.numberOf(twin)
    if (member !== undefined) covered.add(clientId(member, device))
  }
  const state = await milestones.state(snapshot)
  if (state === undefined) throw new Refusal('signature', `The snapshot of ${document} does not open`)
  if (!clocks.every(([client]) => covered.has(client))) {
    throw new Refusal('signature', `The snapshot of ${document} has an author whose log it does not cover`)
  }
  const { roots } = context.kinds.get(kindOf(document))!
  const version = context.membership.view?.genesis.gate ?? 1
  const rules = { roots, version, clocks: new Map(clocks) }
  const judge = (doc?: Y.Doc) => {
    const verdict = gateSnapshot(state, { ...rules, doc })
    if (!verdict.ok) throw new Refusal('signature', `The snapshot of ${document} is not sound: ${verdict.message}`)
    return verdict.doc
  }
  if (into !== undefined) return into.applyBy(() => judge(into.doc), state.length)
  judge().destroy()
  return undefined
}

/**
 * Whether devices of a twin take a milestone: of their own devices, and of the keeper of the space; where each member has documents of
 * its own, of every member. After a restore nobody has what the devices before it wrote but in their milestones, and in those of
 * members that may write: until the end of such a device is recorded they are taken too.
 */
export function isTrusted(
  context: SpaceContext,
  { by, version }: Pick<Milestone, 'by' | 'version'>,
  forTwin: Uint8Array
): boolean {
  const { directory, membership } = context
  if ((version === 2) !== isByWriters(context)) return false
  if (version === 2) {
    const list = directory.get(by.twin)
    if (list?.device(by.device) === undefined || context.facts.numberOf(by.twin) === undefined) return false
    return !list.isRevoked(by.device) || (equals(by.twin, forTwin) && isLeftBy(context, by))
  }
  const isOwn = equals(by.twin, forTwin)
  if (directory.get(by.twin)?.isRevoked(by.device) !== false) return isOwn && isLeftBy(context, by)
  if (isOwn) return true
  if (membership.view?.mayWrite(by.twin) === true && hasLeft(context, forTwin)) return true
  const signing = directory.get(by.twin)?.device(by.device)?.certificate.signing
  return signing !== undefined && membership.keeper !== undefined && equals(signing, membership.keeper)
}

/** Whether a revoked device of the twin that takes a milestone may still be believed; of another twin's its own devices judge. */
function isLeftBy(context: SpaceContext, by: LogId): boolean {
  const list = context.directory.get(by.twin)
  if (isLeft(context, by)) return true
  return (
    list !== undefined &&
    !equals(by.twin, context.me.twin) &&
    (isFormer(list, by.device) || isOpenEnded(list, by.device))
  )
}

/** Whether it is said of each clock of a document with which entry of the writer's logs it came. */
function hasEntries({ facts }: SpaceContext, { logs, by }: Milestone, listed: ListedDocument): boolean {
  const member = facts.numberOf(by.twin)
  const ends = new Map<number, number>()
  for (const [twin, device, seq] of [...logs, ...listed.beyond]) {
    if (member === undefined || !equals(twin, by.twin)) return false
    const client = clientId(member, device)
    ends.set(client, Math.max(seq, ends.get(client) ?? 0))
  }
  const spans = new Map(listed.entries)
  return listed.clocks.every(([client, clock]) => areSound(spans.get(client) ?? [], clock, ends.get(client) ?? 0))
}
