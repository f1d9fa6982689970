import type { Batch } from '../store/index.ts'
import type { Applier } from './applier.ts'
import { cutsOf } from './cut-rules.ts'
import { type OwedEdit, Rebuild, type RebuildInit } from './rebuild.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'
import { writeRefusal } from './write-refusal.ts'
import type { Writer } from './writer.ts'

export interface SpaceCutsInit extends RebuildInit {
  readonly applier: Applier
  readonly writer: Writer
}

/** Carries out removals and revocations in one space, and writes again what this device lost by them. */
export class SpaceCuts {
  readonly #init: SpaceCutsInit
  readonly #rebuild: Rebuild
  /** Own edits that a cut took out, until they may be written again. */
  #owed: OwedEdit[] = []
  /** The writer has them and has not written them yet. */
  #isReissuing = false
  #haveChanged = false

  constructor(init: SpaceCutsInit) {
    this.#init = init
    this.#rebuild = new Rebuild(init)
  }

  /** Call when logs and membership were read. */
  load(): void {
    this.#owed = []
    this.#isReissuing = false
    this.#haveChanged = false
    this.#init.context.quarantine.use(cutsOf(this.#init.context))
  }

  /** The membership or device lists changed. */
  changed(): void {
    this.#haveChanged = true
  }

  /** Whether stored entries are to be judged again, or own ones written again. */
  isBehind(own: SpaceLog | undefined): boolean {
    const { quarantine } = this.#init.context
    if (quarantine.isBehind) return true
    const isOnItsWay = this.#isReissuing || this.#owed.length > 0
    return !isOnItsWay && this.#rebuild.mine(own).some(log => this.#rebuild.owes(log))
  }

  /** The first part of a group: what is written in it builds on documents as these cuts leave them. Whether documents are void now. */
  async prepare(group: SpaceGroup, own: SpaceLog | undefined): Promise<boolean> {
    const { context, applier } = this.#init
    if (this.#haveChanged) context.quarantine.use(cutsOf(context))
    this.#haveChanged = false
    const isBehind = this.isBehind(own)
    if (isBehind) {
      this.#owed = await this.#rebuild.run(group, own)
      applier.reset()
      if (this.#owed.length === 0) this.#init.others.asideWritten(group.batch)
    }
    if (own !== undefined) this.#reissue(own)
    return isBehind
  }

  /** Hands own edits that a cut took out to the writer, once all of them may be written. */
  #reissue(own: SpaceLog): void {
    const { writer, context } = this.#init
    const mayWrite = ({ document }: OwedEdit) => writeRefusal(context, document) === undefined
    if (this.#owed.length === 0 || !this.#owed.every(mayWrite)) return
    const edits = this.#owed
    this.#owed = []
    this.#isReissuing = true
    const { quarantine, log } = context
    const heads = this.#rebuild.mine(own).map(({ client, seq }) => ({ client, seq }))
    // With the first: all of them are in one group
    const stored = (batch: Batch): void => {
      if (this.#isReissuing) {
        for (const { client, seq } of heads) quarantine.reissued(batch, client, seq)
        this.#init.others.asideWritten(batch)
      }
      this.#isReissuing = false
    }
    for (const { document, origin, edit } of edits) {
      writer.add({
        document,
        origin,
        edit: (_, transaction) => {
          const { lost } = edit(transaction)
          if (lost > 0) log.warn('Parts of an edit had no place any more after a removal', lost)
        },
        resolve: () => {},
        reject: cause => log.error('An edit could not be written again after a removal', cause),
        isTogether: true,
        stored
      })
    }
  }
}
