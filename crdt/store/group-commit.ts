import type { Batch, Store } from './store.ts'

/** Edits that wait from which on a group is prepared while the one before is being written. */
const pipelineFrom = 256

/** What takes part in group commits: it collects work and, when asked, turns it into rows. */
export interface Participant {
  /** How much waits: entries or edits, roughly. */
  readonly backlog: number
  /**
   * Adds everything that waits to the batch. The outcome is told to the returned functions: `done` after the batch was synced, in
   * the order of the groups; `failed` when this or an earlier group failed. Throwing fails the group.
   */
  prepare(batch: Batch): Promise<Outcome | undefined>
  /** Something failed: forget what was not synced, reject what waits, read the store again (it is open, if that worked). */
  reset(cause: unknown): Promise<void>
}

export interface Outcome {
  done(): void
  failed(cause: unknown): void
}

export interface GroupCommitInit {
  readonly store: Store
  /** Runs a function when the current tick is over. */
  readonly defer: (run: () => void) => void
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
 * that the processor and the disk work at the same time.
 */
export class GroupCommit {
  readonly #init: GroupCommitInit
  readonly #waiting = new Set<Participant>()
  readonly #participants = new Set<Participant>()
  #isRunning = false
  #isStopped = false
  #broken: unknown
  #idle: PromiseWithResolvers<void> | undefined
  #writing: Promise<void> | undefined
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
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    this.#init.defer(() => void this.#run())
  }

  /** Runs something that nobody waits for when the current tick is over. */
  later(run: () => void): void {
    this.#init.defer(run)
  }

  /** For a participant that prepares: resolves when all groups before are on synced storage. @throws when one failed */
  async written(): Promise<void> {
    await this.#writing
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
    let writing: Promise<void> | undefined
    while (this.#waiting.size > 0) {
      if (this.#broken !== undefined && !(await this.#repair())) break
      if (writing !== undefined && !this.#isWorthPreparing()) {
        // Whoever waits for the disk writes again afterwards: few large groups cost less than many small ones
        await writing
        writing = undefined
        await this.#turn()
        continue
      }
      const group = await this.#prepare()
      if (writing !== undefined) await writing
      if (group !== undefined) writing = this.#writing = this.#write(group)
      await this.#turn()
      if (this.#waiting.size === 0 && writing !== undefined) {
        await writing
        writing = undefined
        await this.#turn()
      }
    }
    if (writing !== undefined) await writing
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

  #isWorthPreparing(): boolean {
    let backlog = 0
    for (const participant of this.#waiting) backlog += participant.backlog
    return backlog >= pipelineFrom
  }

  async #prepare(): Promise<Group | undefined> {
    if (this.#broken !== undefined) return undefined
    const participants = [...this.#waiting]
    this.#waiting.clear()
    this.#groups++
    const outcomes: Outcome[] = []
    let batch: Batch | undefined
    try {
      batch = this.#init.store.batch()
      for (const participant of participants) {
        const outcome = await participant.prepare(batch)
        if (outcome !== undefined) outcomes.push(outcome)
      }
      return { batch, outcomes }
    } catch (cause) {
      await batch?.close().catch(() => {})
      for (const outcome of outcomes) outcome.failed(cause)
      this.#break(cause)
      return undefined
    }
  }

  async #write({ batch, outcomes }: Group): Promise<void> {
    // A group that was prepared on top of one that failed never reaches the disk
    if (this.#broken !== undefined) {
      await batch.close().catch(() => {})
      for (const outcome of outcomes) outcome.failed(this.#broken)
      return
    }
    try {
      await this.#init.store.commit(batch)
    } catch (cause) {
      for (const outcome of outcomes) outcome.failed(cause)
      this.#break(cause)
      return
    }
    this.#durable++
    this.#quiet = batch.rows > 0 ? 0 : this.#quiet + 1
    for (const outcome of outcomes) {
      try {
        outcome.done()
      } catch (cause) {
        this.#init.onError(cause)
      }
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
