import { equals } from 'uint8arrays/equals'
import type { LogHead } from '../log/index.ts'
import { encodeMilestone, maxMilestoneBytes, signMilestone } from '../milestone/index.ts'
import { afterPrefix, type Batch } from '../store/index.ts'
import { compactionObstacle } from './compaction-obstacle.ts'
import {
  completeIn,
  contentOf,
  documentsFor,
  endsIn,
  endsOf,
  findIn,
  hasUnknown,
  intervalOf,
  type Round,
  unchangedIn
} from './compaction-round.ts'
import type { DocumentCache } from './document-cache.ts'
import type { EntryMarks } from './entry-marks.ts'
import { EntrySurvey, LogScan } from './entry-survey.ts'
import { hold } from './held-milestone.ts'
import type { Holders } from './holders.ts'
import type { Milestones } from './milestones.ts'
import type { OwnHistory } from './own-history.ts'
import { sealDocument } from './seal-document.ts'
import { shortenLog } from './shorten-log.ts'
import { isByWriters } from './snapshot-rules.ts'
import type { Compaction } from './space.ts'
import type { SpaceContext } from './space-context.ts'

/** A step takes some milliseconds: so many groups go by between two that hardly any write meets one. */
const groupsPerStep = 128
/** Once so many groups had nothing to write there is nobody to make way for. */
const quietGroups = 4

export interface CompactorInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
  readonly milestones: Milestones
  readonly holders: Holders
  readonly history: OwnHistory
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
    this.#init.context.touch()
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
      if (this.#waiting.length === 0 && this.#entries < intervalOf(this.#init)) return false
      this.#entries = 0
      const reason = await this.#begin()
      if (reason !== undefined) done.push(() => this.#end({ dropped: 0, reason }))
      return reason === undefined
    }
    if (++this.#passed < groupsPerStep && this.#init.context.commit.quiet < quietGroups) return true
    this.#passed = 0
    const outcome = await this.#step(batch, done)
    if (outcome === undefined) return this.#round.isWaiting !== true
    done.push(() => this.#end(outcome))
    return false
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
    const { context, documents, milestones } = this.#init
    if (!this.#init.history.isConfirmed && this.#init.holders.hasOthers)
      return 'What is written here may not be shown yet'
    const obstacle = compactionObstacle(context)
    if (obstacle !== undefined) return obstacle
    const names = documentsFor(this.#init, await documents.names())
    if (typeof names === 'string') return names
    const ends = endsOf(this.#init)
    const { floor } = milestones
    const ranges = [...ends].map(([log, to]) => [log, Math.max(log.base.seq, floor.get(log.client) ?? 0), to] as const)
    const scan = new LogScan(this.#init, hasUnknown(this.#init) ? ranges : [])
    this.#round = { scan, ends, heads: new Map(), names, sealed: new Map(), phase: 'find', dropped: 0 }
    return undefined
  }

  /** Does the next step in a group. The outcome when it was the last. */
  async #step(batch: Batch, done: (() => void)[]): Promise<Compaction | undefined> {
    const round = this.#round!
    const reason =
      (round.held ? undefined : compactionObstacle(this.#init.context)) ?? (await this.#advance(batch, done, round))
    if (reason === undefined) return undefined
    this.#round = undefined
    return reason === '' ? { dropped: round.dropped } : { dropped: round.dropped, reason }
  }

  async #advance(batch: Batch, done: (() => void)[], round: Round): Promise<string | undefined> {
    if (round.phase === 'find') return findIn(round, this.#init)
    if (round.phase === 'seal') {
      const [name] = round.names
      if (name === undefined) {
        round.phase = isByWriters(this.#init.context) ? 'survey' : 'sign'
        return undefined
      }
      const before = this.#init.milestones.own(name)
      if (before !== undefined && (await this.#init.documents.isAsInMilestone(name))) {
        round.names.delete(name)
        round.sealed.set(name, { ...before, listed: unchangedIn(round, before.listed, this.#init.context), group: 0 })
        return undefined
      }
      const document = await this.#init.documents.get(name)
      // It waits for what is not logged yet
      if (document.isStale || document.hasDirectEdits) return undefined
      round.names.delete(name)
      const sealed = await sealDocument(this.#init, batch, document, round.heads)
      if (sealed === 'differs') return 'A snapshot of a document does not read as the document does'
      if (sealed !== undefined) round.sealed.set(name, sealed)
      return undefined
    }
    if (round.phase === 'survey') return this.#survey(round)
    if (round.phase === 'sign') return this.#sign(batch, done, round)
    if (round.phase === 'check') return this.#check(round)
    return this.#drop(batch, round)
  }

  async #survey(round: Round): Promise<string | undefined> {
    const content = contentOf(round, this.#init.context)
    // What was sealed is read from the disk
    if (content.some(([log, seq]) => log.durable < seq)) return undefined
    const listed = [...round.sealed.values()].map(sealed => sealed.listed)
    round.survey ??= new EntrySurvey(this.#init, listed, endsIn(content))
    if (!(await round.survey.step())) return undefined
    round.phase = 'sign'
    return completeIn(round) ? undefined : 'It is not known of all events with which entry they came'
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
      version: isByWriters(context) ? (2 as const) : (1 as const),
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
    for (const name of round.sealed.keys()) this.#init.marks.wasRead(batch, name)
    done.push(() => {
      milestones.keep(held)
      documents.milestoneWritten(round.sealed)
      round.held = held
      round.phase = 'check'
      context.news.tell('milestone', { space: id })
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
    const { holders, milestones, context } = this.#init
    const covered = new Map([...milestones.floor].map(([client, seq]) => [context.logs.get(client)!, seq]))
    if (round.dropped === 0) holders.look(batch, covered)
    for (const [log, seq] of covered) {
      const dropped = await shortenLog(context.logs, batch, log, holders.limitOf(log, Math.min(seq, log.durable)))
      round.dropped += dropped
      if (dropped > 0) return undefined
    }
    return ''
  }
}
