import type { Outcome, Participant } from './participant.ts'
import type { Batch, Store } from './store.ts'

/** Edits that wait from which on a group is prepared while the one before is being written. */
const pipelineFrom = 256
/** Groups that are prepared while one is being written, of what is urgent. */
const maxPrepared = 16
/** Direct edits of one turn from which on those of the next are waited for: of an import, a macro, a program that writes. */
const manyEdits = 64
/** Turns that are waited for at most. */
const maxTurns = 8

export interface GroupCommitInit {
  readonly store: Store
  /** Runs a function when the current tick is over. */
  readonly defer: (run: () => void) => void
  /** The same before the first group of what is urgent; default `defer` */
  readonly deferUrgent?: (run: () => void) => void
  /** Something threw after its batch was synced. */
  readonly onError: (cause: unknown) => void
  /** The store was fenced; called before it is opened again. */
  readonly onFence: (cause: unknown) => void
}

interface Group {
  readonly batch: Batch
  readonly outcomes: Outcome[]
}

/**
 * One synced batch for all that was asked for since the last one. While a batch is on its way to the disk the next is prepared, so
 * that the processor and the disk work at the same time; of what is urgent several are, which are then written together.
 */
export class GroupCommit {
  readonly #init: GroupCommitInit
  readonly #waiting = new Set<Participant>()
  readonly #participants = new Set<Participant>()
  #isRunning = false
  #isStopped = false
  #broken: unknown
  #idle: PromiseWithResolvers<void> | undefined
  readonly #prepared: Group[] = []
  #writing: Promise<void> | undefined
  #wake = () => {}
  /** Direct edits that waited in the turn before, and turns that were waited for more of them. */
  #edits = 0
  #turns = 0
  #groups = 0
  #durable = 0
  #quiet = 0

  constructor(init: GroupCommitInit) {
    this.#init = init
  }

  /** Number of the group that is being prepared, or that will be next. */
  get group(): number {
    return this.#groups
  }

  /** Number of the last group that is on synced storage. */
  get durable(): number {
    return this.#durable
  }

  /** Groups in a row that had nothing to write. */
  get quiet(): number {
    return this.#quiet
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Asks for a group commit that this participant takes part in. */
  touch(participant: Participant): void {
    this.#participants.add(participant)
    this.#waiting.add(participant)
    if (participant.isUrgent === true) this.#wake()
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    const { defer, deferUrgent = defer } = this.#init
    ;(participant.isUrgent === true ? deferUrgent : defer)(() => void this.#run())
  }

  /** Runs something that nobody waits for when the current tick is over. */
  later(run: () => void): void {
    this.#init.defer(run)
  }

  /** For a participant that prepares: resolves when all groups before are on synced storage. @throws when one failed */
  async written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
    if (this.#broken !== undefined) throw this.#broken
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    if (!this.#isRunning) return
    this.#idle ??= withResolvers()
    await this.#idle.promise
  }

  async stop(): Promise<void> {
    await this.idle()
    this.#isStopped = true
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0 || this.#writing !== undefined) {
      if (this.#broken !== undefined && this.#waiting.size > 0) {
        while (this.#writing !== undefined) await this.#writing
        if (!(await this.#repair())) break
        continue
      }
      if (this.#waiting.size === 0 || (this.#writing !== undefined && !this.#isWorthPreparing())) {
        // Whoever waits for the disk writes again afterwards: few large groups cost less than many small ones
        await Promise.race([this.#writing, new Promise<void>(resolve => (this.#wake = resolve))])
        await this.#turn()
        continue
      }
      if (this.#isFilling()) {
        await this.#turn()
        continue
      }
      const group = await this.#prepare()
      if (group !== undefined) this.#enqueue(group)
      await this.#turn()
    }
    this.#isRunning = false
    this.#idle?.resolve()
    this.#idle = undefined
    // What came while a repair failed has to be told so as well
    const next = this.#waiting.values().next().value
    if (next !== undefined) this.touch(next)
  }

  #turn(): Promise<void> {
    return new Promise(resolve => this.#init.defer(resolve))
  }

  /** Whether so many direct edits came in this turn that more will in the next: few large groups cost less than many small ones. */
  #isFilling(): boolean {
    let edits = 0
    for (const { directEdits = 0 } of this.#waiting) edits += directEdits
    const isFilling = edits - this.#edits >= manyEdits && this.#turns < maxTurns
    this.#turns = isFilling ? this.#turns + 1 : 0
    this.#edits = isFilling ? edits : 0
    return isFilling
  }

  #isWorthPreparing(): boolean {
    let backlog = 0
    for (const participant of this.#waiting) {
      if (participant.isUrgent === true && this.#prepared.length < maxPrepared) return true
      backlog += participant.backlog
    }
    return backlog >= pipelineFrom && this.#prepared.length === 0
  }

  async #prepare(): Promise<Group | undefined> {
    if (this.#broken !== undefined) return undefined
    const participants = [...this.#waiting]
    this.#waiting.clear()
    this.#groups++
    const outcomes: Outcome[] = []
    try {
      const batch = this.#init.store.batch()
      for (const participant of participants) {
        const outcome = await participant.prepare(batch)
        if (outcome !== undefined) outcomes.push(outcome)
      }
      return { batch, outcomes }
    } catch (cause) {
      for (const outcome of outcomes) outcome.failed(cause)
      this.#break(cause)
      return undefined
    }
  }

  #enqueue(group: Group): void {
    this.#prepared.push(group)
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeAll(): Promise<void> {
    while (this.#prepared.length > 0) await this.#write(this.#prepared.splice(0))
  }

  async #write(groups: readonly Group[]): Promise<void> {
    try {
      // A group that was prepared on top of one that failed never reaches the disk
      if (this.#broken !== undefined) throw this.#broken
      await this.#init.store.commit(...groups.map(({ batch }) => batch))
    } catch (cause) {
      for (const { outcomes } of groups) for (const outcome of outcomes) outcome.failed(cause)
      this.#break(cause)
      return
    }
    for (const { batch, outcomes } of groups) {
      this.#durable++
      this.#quiet = batch.rows > 0 ? 0 : this.#quiet + 1
      for (const outcome of outcomes) this.#tell(outcome)
    }
  }

  #tell(outcome: Outcome): void {
    try {
      outcome.done()
    } catch (cause) {
      this.#init.onError(cause)
    }
  }

  #break(cause: unknown): void {
    if (this.#broken !== undefined) return
    this.#broken = cause ?? new Error('A group commit failed')
    this.#init.store.fence(this.#broken)
    for (const participant of this.#participants) this.#waiting.add(participant)
    this.#init.onFence(cause)
  }

  /** Opens the store again; whether that worked. What waited is rejected either way. */
  async #repair(): Promise<boolean> {
    const cause = this.#broken
    let isOpen = true
    try {
      await this.#init.store.reopen()
      this.#broken = undefined
    } catch {
      isOpen = false
    }
    this.#waiting.clear()
    for (const participant of this.#participants) await participant.reset(cause).catch(() => {})
    this.#durable = this.#groups
    return isOpen
  }
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve: () => void = () => {}
  let reject: (reason?: unknown) => void = () => {}
  const promise = new Promise<void>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
