import { equals } from 'uint8arrays/equals'
import type { LogHead } from '../log/index.ts'
import { encodeMilestone, maxMilestoneBytes, signMilestone } from '../milestone/index.ts'
import { afterPrefix, type Batch } from '../store/index.ts'
import { compactionObstacle } from './compaction-obstacle.ts'
import type { DocumentCache } from './document-cache.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Holders } from './holders.ts'
import { type HeldMilestone, hold, type Milestones } from './milestones.ts'
import { type Sealed, sealDocument } from './seal-document.ts'
import { shortenLog } from './shorten-log.ts'
import { isCompactable } from './snapshot-rules.ts'
import type { Compaction } from './space.ts'
import { kindOf, type SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** Entries after which a space is compacted; more when its snapshots are large, so that those do not cost more than the entries. */
const minEntries = 65_536
const snapshotBytesPerEntry = 128
/** A step takes some milliseconds: so many groups go by between two that hardly any write meets one. */
const groupsPerStep = 128

export interface CompactorInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
  readonly milestones: Milestones
  readonly holders: Holders
  /** Whether the own log is what others know of it. */
  readonly isConfirmed: () => boolean
}

/** One compaction on its way. Nothing of it is needed after a crash: it begins again. */
interface Round {
  readonly heads: ReadonlyMap<SpaceLog, readonly [seq: number, hash: Uint8Array]>
  readonly names: Set<string>
  readonly sealed: Map<string, Sealed>
  phase: 'seal' | 'sign' | 'check' | 'drop'
  held?: HeldMilestone
  dropped: number
  /** For those who decide about removals to hold what it covers: it goes on with the next group, whoever causes that. */
  isWaiting?: boolean
}

/**
 * Makes a milestone of a space and then drops the entries before it that nobody lacks. Every step is part of one group commit and leaves
 * a store that opens; a step that is lost is done again.
 */
export class Compactor {
  readonly #init: CompactorInit
  #round: Round | undefined
  #waiting: ((outcome: Compaction) => void)[] = []
  /** Entries since the last milestone, or since the last try. */
  #entries = 0
  /** Groups since the last step. */
  #passed = 0

  constructor(init: CompactorInit) {
    this.#init = init
  }

  /** Call when logs and milestones were read. */
  load(): void {
    const { context, milestones } = this.#init
    this.#entries = 0
    for (const log of context.logs) this.#entries += log.seq - (milestones.floor.get(log.client) ?? 0)
  }

  /** Asks for a compaction in the next groups. */
  request(): Promise<Compaction> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  reset(): void {
    this.#round = undefined
    this.#end({ dropped: 0, reason: 'The store was opened again' })
  }

  /** Part of each group commit: begins when it is time, and does one step. Whether there is more to do. */
  async take(batch: Batch, done: (() => void)[], entries: number): Promise<boolean> {
    this.#entries += entries
    if (this.#round === undefined) {
      if (this.#waiting.length === 0 && this.#entries < this.#interval) return false
      this.#entries = 0
      const reason = await this.#begin()
      if (reason !== undefined) done.push(() => this.#end({ dropped: 0, reason }))
      return reason === undefined
    }
    if (++this.#passed < groupsPerStep) return true
    this.#passed = 0
    const outcome = await this.#step(batch, done)
    if (outcome === undefined) return this.#round.isWaiting !== true
    done.push(() => this.#end(outcome))
    return false
  }

  get #interval(): number {
    let bytes = 0
    for (const { milestone } of this.#init.milestones) for (const [, size] of milestone.parts) bytes += size
    return Math.max(minEntries, bytes / snapshotBytesPerEntry)
  }

  #end(outcome: Compaction): void {
    const { store, keys, log } = this.#init.context
    const waiting = this.#waiting.splice(0)
    const tell = () => {
      for (const resolve of waiting) resolve(outcome)
    }
    if (outcome.reason !== undefined) log.debug('A space was not compacted', outcome.reason)
    if (outcome.dropped === 0) {
      tell()
      return
    }
    const prefixes = [keys.runs, keys.parts, keys.snapshots, keys.index]
    Promise.all(prefixes.map(prefix => store.shrink(prefix, afterPrefix(prefix))))
      .catch(cause => log.warn('Room was not given back', cause))
      .finally(tell)
  }

  /** A sentence if the space cannot be compacted. */
  async #begin(): Promise<string | undefined> {
    const { context, documents, marks } = this.#init
    if (!this.#init.isConfirmed() && this.#init.holders.hasOthers) return 'What is written here may not be shown yet'
    const obstacle = compactionObstacle(context, marks)
    if (obstacle !== undefined) return obstacle
    const names = await documents.names()
    for (const name of names) {
      const kind = context.kinds.get(kindOf(name))
      if (kind === undefined || !isCompactable(kind, name, context)) return 'It has documents that are kept whole'
    }
    const heads = []
    for (const log of context.logs) {
      const end = context.quarantine.endOf(log.client)
      const head = end !== undefined && end.seq < log.seq ? end : log
      if (head.seq > 0) heads.push([log, [head.seq, head.hash] as const] as const)
    }
    this.#round = { heads: new Map(heads), names: new Set(names), sealed: new Map(), phase: 'seal', dropped: 0 }
    return undefined
  }

  /** Does the next step in a group. The outcome when it was the last. */
  async #step(batch: Batch, done: (() => void)[]): Promise<Compaction | undefined> {
    const round = this.#round
    if (round === undefined) return undefined
    const reason = await this.#advance(batch, done, round)
    if (reason === undefined) return undefined
    this.#round = undefined
    return reason === '' ? { dropped: round.dropped } : { dropped: round.dropped, reason }
  }

  async #advance(batch: Batch, done: (() => void)[], round: Round): Promise<string | undefined> {
    if (round.phase === 'seal') {
      const [name] = round.names
      if (name === undefined) {
        round.phase = 'sign'
        return undefined
      }
      const before = this.#init.milestones.own(name)
      if (before !== undefined && (await this.#init.documents.isAsInMilestone(name))) {
        round.names.delete(name)
        round.sealed.set(name, { ...before, listed: { ...before.listed, beyond: [] }, group: 0 })
        return undefined
      }
      const document = await this.#init.documents.get(name)
      // It waits for what is not logged yet
      if (document.isStale || document.hasDirectEdits) return undefined
      round.names.delete(name)
      const { context, milestones } = this.#init
      const sealed = await sealDocument(context, milestones, batch, document, round.heads)
      if (sealed === 'differs') return 'A snapshot of a document does not read as the document does'
      if (sealed !== undefined) round.sealed.set(name, sealed)
      return undefined
    }
    if (round.phase === 'sign') return this.#sign(batch, done, round)
    if (round.phase === 'check') return this.#check(round)
    return this.#drop(batch, round)
  }

  async #sign(batch: Batch, done: (() => void)[], round: Round): Promise<string | undefined> {
    const { context, milestones, documents, holders } = this.#init
    const { crypto, id, me, membership, keys } = context
    const by = { twin: me.twin, device: me.device }
    const epoch = membership.view!.epoch!.epoch
    const all = [...round.sealed.values()]
    if (!holders.isBeyondCuts(contentOf(round, context))) {
      // What is written all the time is held a moment later; whoever asked is told
      round.isWaiting = this.#waiting.length === 0
      return round.isWaiting ? undefined : 'Devices that decide about removals have not got all of it yet'
    }
    round.isWaiting = false
    const unsigned = {
      space: id,
      by,
      number: (milestones.by(by)?.milestone.number ?? 0) + 1,
      epoch,
      logs: [...round.heads].map(([log, [seq, hash]]): LogHead => [log.id.twin, log.id.device, seq, hash]),
      parts: all.flatMap(({ parts }) => parts)
    }
    const listed = all.map(item => item.listed)
    const milestone = await signMilestone(unsigned, listed, milestones.key(by, epoch)!, me.signer, crypto)
    if (encodeMilestone(milestone).length > maxMilestoneBytes) return 'It has too many documents for one milestone'
    const held = hold(milestone, listed)
    milestones.write(batch, held)
    for (const [name, { group }] of round.sealed) {
      // What was saved since covers more
      if (documents.savedIn(name) < group) batch.del(keys.snapshots + name)
    }
    holders.look(batch, new Map([...round.heads].map(([log, [seq]]) => [log, seq])))
    done.push(() => {
      milestones.keep(held)
      documents.milestoneWritten(round.sealed)
      round.held = held
      round.phase = 'check'
    })
    return undefined
  }

  /** Reads every snapshot back from the disk before anything is dropped that it takes the place of. */
  async #check(round: Round): Promise<string | undefined> {
    const { context, milestones } = this.#init
    const [next] = round.sealed
    if (next === undefined) {
      round.phase = 'drop'
      return undefined
    }
    const [name, { stateHash }] = next
    round.sealed.delete(name)
    const snapshot = round.held?.documents.get(name)
    const state = snapshot && (await milestones.state(snapshot))
    const isRead = state !== undefined && (stateHash === undefined || equals(context.crypto.sha256(state), stateHash))
    return isRead ? undefined : 'A snapshot cannot be read back from the disk'
  }

  async #drop(batch: Batch, round: Round): Promise<string | undefined> {
    const { holders } = this.#init
    for (const [log, [seq]] of round.heads) {
      const dropped = await shortenLog(this.#init.context.logs, batch, log, holders.limitOf(log, seq))
      round.dropped += dropped
      if (dropped > 0) return undefined
    }
    return ''
  }
}

/** Up to where the snapshots of a round have each log. */
function contentOf({ heads, sealed }: Round, { logs }: SpaceContext): (readonly [log: SpaceLog, seq: number])[] {
  const beyond = [...sealed.values()].flatMap(({ listed }) => listed.beyond)
  const more = beyond.map(([twin, device, seq]) => [logs.find({ twin, device })!, seq] as const)
  return [...Array.from(heads, ([log, [seq]]) => [log, seq] as const), ...more]
}
