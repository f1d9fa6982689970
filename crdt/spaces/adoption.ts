import { encodeSnapshot } from '../documents/index.ts'
import { bytesToHex } from '../log/index.ts'
import { decodeMilestone, encodeMilestone, type Milestone } from '../milestone/index.ts'
import { afterPrefix } from '../store/index.ts'
import type { DocumentCache } from './document-cache.ts'
import { checkpointName } from './document-loader.ts'
import type { EntryMarks } from './entry-marks.ts'
import { type HeldMilestone, lackingParts, type Snapshot } from './held-milestone.ts'
import { judgeMilestone, judgeSnapshot } from './judge-milestone.ts'
import { matchesLog } from './matches-log.ts'
import type { Milestones } from './milestones.ts'
import { Refusal, refusalOf } from './receive-outcome.ts'
import type { MilestoneAnswer, MilestoneResult } from './replica.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'

export interface AdoptionInit {
  readonly context: SpaceContext
  readonly documents: DocumentCache
  readonly marks: EntryMarks
  readonly milestones: Milestones
}

interface Incoming {
  readonly held: HeldMilestone
  /** Parts that have not arrived. */
  readonly wanted: Set<string>
}

interface Adopting {
  readonly held: HeldMilestone
  /** Documents that are still to be taken. */
  names: string[]
  /** Nothing was here before. */
  isFirst: boolean
  hasBegun: boolean
  readonly resolve: ((result: MilestoneResult) => void)[]
}

/**
 * A milestone of somebody else on its way in: its parts are stored as they come, all of them are judged, and only then the documents
 * change, one in each group. Where there is nothing yet each is judged while it is taken, which takes half the time, and all of it is
 * removed when one is not sound. A crash in between is no harm: it goes on at the next start.
 */
export class Adoption {
  readonly #init: AdoptionInit
  #incoming: Incoming | undefined
  #isEnding = false
  #adopting: Adopting | undefined

  constructor(init: AdoptionInit) {
    this.#init = init
  }

  /** While it is, nothing else is written or taken in this space. */
  get isActive(): boolean {
    return this.#adopting !== undefined
  }

  async load(): Promise<void> {
    const { store, keys } = this.#init.context
    this.reset()
    const row = await store.get(keys.incoming)
    const milestone = row && decodeMilestone(row)
    const newest = milestone && this.#init.milestones.by(milestone.by)?.milestone.number
    const isOld = milestone !== undefined && newest !== undefined && milestone.number <= newest
    const held = milestone && !isOld ? await this.#init.milestones.open(milestone) : undefined
    if (held !== undefined) this.#adopting = this.#begin(held)
  }

  reset(): void {
    for (const resolve of this.#adopting?.resolve ?? []) resolve({})
    this.#incoming = undefined
    this.#adopting = undefined
    this.#isEnding = false
  }

  /** The last change is on its way to the disk. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Whether the milestone may be taken, and takes it if something of it is lacking here. */
  async offer(bytes: Uint8Array): Promise<MilestoneResult> {
    try {
      if (this.#adopting !== undefined) return {}
      const milestone = decodeMilestone(bytes)
      const held = await judgeMilestone(this.#init, milestone)
      this.#incoming = held && { held, wanted: await lackingParts(this.#init.context, milestone) }
      return milestone.version === 2 ? { answer: answerTo(milestone, held !== undefined) } : {}
    } catch (cause) {
      return refusalOf(cause)
    }
  }

  /** Stores a part that was announced. Others are ignored: their milestone was not wanted. */
  async part(sealed: Uint8Array): Promise<void> {
    const { store, crypto, keys } = this.#init.context
    const name = bytesToHex(crypto.sha256(sealed))
    const incoming = this.#incoming
    if (incoming?.wanted.has(name) !== true) return
    const batch = store.batch()
    batch.put(keys.parts + name, sealed)
    await store.commit(batch)
    incoming.wanted.delete(name)
  }

  /** All parts were sent. Whether the documents may change now; `adopted` resolves when they have, or may not after all. */
  async complete(): Promise<MilestoneResult & { readonly adopted?: Promise<MilestoneResult> }> {
    const incoming = this.#incoming
    this.#incoming = undefined
    if (incoming === undefined) return {}
    const { store, keys } = this.#init.context
    let names: string[]
    try {
      if (incoming.wanted.size > 0) throw new Refusal('later', 'Parts of a snapshot are missing')
      names = this.#isEmpty ? [...incoming.held.documents.keys()] : await this.#judge(incoming.held)
    } catch (cause) {
      return refusalOf(cause)
    }
    const batch = store.batch()
    batch.put(keys.incoming, encodeMilestone(incoming.held.milestone))
    await store.commit(batch)
    const adopted = new Promise<MilestoneResult>(resolve => {
      this.#adopting = { ...this.#begin(incoming.held, resolve), names }
    })
    return { adopted }
  }

  /** Where something is here already: documents that are to change. @throws {Refusal} */
  async #judge(held: HeldMilestone): Promise<string[]> {
    const { logs } = this.#init.context
    const lacks = held.milestone.logs.some(([twin, device, seq]) => (logs.find({ twin, device })?.durable ?? 0) < seq)
    for (const snapshot of held.documents.values()) await judgeSnapshot(this.#init, snapshot)
    if (lacks) return [...held.documents.keys()]
    if (await matchesLog(this.#init, held)) return []
    throw new Refusal('chain', 'The milestone says other things than the logs here')
  }

  /** Changes the next document, or ends it. `restart` is called when all is on synced storage. */
  async take(group: SpaceGroup, restart: () => void): Promise<void> {
    const adopting = this.#adopting
    if (adopting === undefined || this.#isEnding) return
    try {
      if (!adopting.hasBegun) await this.#beginAgain(adopting)
    } catch (cause) {
      return this.#refuse(group, refusalOf(cause), restart)
    }
    const name = adopting.names.pop()
    if (name === undefined) return this.#end(group, adopting.held, restart)
    try {
      await this.#adopt(group, adopting.held.documents.get(name)!, adopting.isFirst)
    } catch (cause) {
      if (!adopting.isFirst) throw cause
      await this.#undo(group, refusalOf(cause), restart)
    }
  }

  /** A group that was being prepared may have taken entries since. */
  async #beginAgain(adopting: Adopting): Promise<void> {
    adopting.hasBegun = true
    if (!adopting.isFirst || this.#isEmpty) return
    adopting.isFirst = false
    adopting.names = await this.#judge(adopting.held)
  }

  async #adopt(group: SpaceGroup, snapshot: Snapshot, isFirst: boolean): Promise<void> {
    const { documents, context } = this.#init
    const document = await documents.get(snapshot.listed.document)
    const transaction = isFirst
      ? await judgeSnapshot(this.#init, snapshot, document)
      : document.apply(await this.#stateOf(snapshot))
    const info = this.#init.milestones.infoOf(snapshot)
    if (transaction !== undefined) group.addRows(document.kind.kind, document.project(transaction, info))
    // Until the end the store still has it as it was
    documents.drop(document.name)
    context.log.debug('A document was taken from a milestone')
  }

  /** Removes what was taken, which is all that the index has. */
  async #undo(group: SpaceGroup, result: MilestoneResult, restart: () => void): Promise<void> {
    const { context, documents } = this.#init
    const { store, keys } = context
    for (const name of this.#adopting!.held.documents.keys()) documents.drop(name)
    for await (const key of store.keys({ gt: keys.index, lt: afterPrefix(keys.index) })) group.batch.del(key)
    this.#refuse(group, result, restart)
  }

  #refuse({ batch, done }: SpaceGroup, result: MilestoneResult, restart: () => void): void {
    this.#isEnding = true
    batch.del(this.#init.context.keys.incoming)
    done.push(() => this.#finish(result, restart))
  }

  #end(group: SpaceGroup, held: HeldMilestone, restart: () => void): void {
    const { context, milestones, documents } = this.#init
    const { logs, keys } = context
    const { batch } = group
    this.#isEnding = true
    const checkpoint = documents.checkpointBelow(held.milestone.logs)
    batch.put(keys.snapshots + checkpointName, encodeSnapshot({ frontier: checkpoint, state: new Uint8Array() }))
    for (const name of held.documents.keys()) batch.del(keys.snapshots + name)
    for (const [twin, device, seq, hash] of held.milestone.logs) {
      const log = logs.open({ twin, device })
      if (log === undefined || log.seq >= seq) continue
      // What is held of it and the milestone do not touch: it begins anew behind the milestone
      for (let last = log.base.seq + 1; last <= log.seq; last++) batch.del(logs.runKey(log, last))
      logs.setBase(batch, log, { seq, hash, mhead: undefined, anchors: log.base.anchors })
      group.heads.set(log, seq)
      context.quarantine.adopted(batch, log.client, seq)
    }
    milestones.write(batch, held)
    batch.del(keys.incoming)
    group.done.push(() => {
      milestones.keep(held)
      const isOfWriter = held.milestone.version === 2
      this.#finish(isOfWriter ? { answer: answerTo(held.milestone, false) } : {}, restart)
      if (isOfWriter) context.news.tell('milestone', { space: context.id })
    })
  }

  #finish(result: MilestoneResult, restart: () => void): void {
    const waiting = this.#adopting?.resolve ?? []
    this.#adopting = undefined
    this.#isEnding = false
    restart()
    for (const resolve of waiting) resolve(result)
  }

  #begin(held: HeldMilestone, ...resolve: Adopting['resolve']): Adopting {
    return { held, names: [...held.documents.keys()], isFirst: this.#isEmpty, hasBegun: false, resolve }
  }

  /** Nothing was written in this space as far as is known here. */
  get #isEmpty(): boolean {
    const { context, milestones } = this.#init
    return [...milestones].length === 0 && [...context.logs].every(({ seq }) => seq === 0)
  }

  async #stateOf(snapshot: Snapshot): Promise<Uint8Array> {
    const state = await this.#init.milestones.state(snapshot)
    if (state === undefined) throw new Error('A snapshot that was checked cannot be read')
    return state
  }
}

function answerTo({ by, number }: Milestone, wants: boolean): MilestoneAnswer {
  return { by, number, wants }
}
