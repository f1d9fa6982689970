import { equals } from 'uint8arrays/equals'
import { type Dep, decodeRun, encodeRun, FormatError, type LogId, lastOf, linkRun, type Run } from '../log/index.ts'
import type { Applier } from './applier.ts'
import { depClient, orderRuns } from './causal-order.ts'
import { Chain, joinRuns, restOf, type VerifiedRun } from './chain.ts'
import { type HeldRun, HeldRuns } from './held-runs.ts'
import type { OtherHistories } from './other-history.ts'
import type { OwnHistory } from './own-history.ts'
import { failure, forked, type ReceiveJob, ReceiveOutcome, Refusal } from './receive-outcome.ts'
import { checkRights, isSigned } from './rights.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceGroup } from './space-group.ts'
import type { SpaceLog } from './space-log.ts'

/** Runs without a valid signature that are tried one by one before the rest is given up. */
const maxTries = 16

export interface ReceiverInit {
  readonly context: SpaceContext
  readonly applier: Applier
  readonly others: OtherHistories
  readonly history: OwnHistory
}

/**
 * Runs of others, on their way in: form, place in the log, right to write, signature, then what they build on; only then they are
 * opened and applied. Nothing is applied, stored or forwarded whose signature was not verified first.
 */
export class Receiver {
  readonly #init: ReceiverInit
  readonly held = new HeldRuns()
  #jobs: ReceiveJob[] = []
  #retry = false
  #preparing: ReceiveOutcome | undefined

  constructor(init: ReceiverInit) {
    this.#init = init
  }

  get isIdle(): boolean {
    return this.#jobs.length === 0 && !this.#retry
  }

  /** Entries, at a guess. */
  get backlog(): number {
    return this.#jobs.flatMap(({ runs }) => runs).reduce((sum, { run }) => sum + run.length, 0) / 256
  }

  add(job: ReceiveJob): void {
    this.#jobs.push(job)
  }

  /** Something that held runs may have waited for has arrived; whether any are held. */
  retryHeld(): boolean {
    this.#retry = this.held.size > 0
    return this.#retry
  }

  reset(): void {
    this.#retry = false
    for (const { resolve } of this.#jobs.splice(0)) resolve(failure)
    // A group that ended in a throw knows its jobs no more
    this.#preparing?.fail()
  }

  async prepare(group: SpaceGroup): Promise<void> {
    if (this.isIdle) return this.#init.applier.apply(group, [])
    // A sender of its own for each job, so that outcomes are told apart
    const jobs = this.#jobs.map(job => ({ ...job, from: { ...job.from } }))
    this.#jobs = []
    this.#retry = false
    const outcome = new ReceiveOutcome(jobs)
    this.#preparing = outcome
    const candidates = this.held.takeAll()
    const held = [...candidates]
    group.failed.push(() => this.held.addAgain(held))
    for (const { runs, from } of jobs) candidates.push(...runs.map(({ log, run }) => ({ log, run, from })))
    const { logs, quarantine } = this.#init.context
    const isCut = (dep: Dep): boolean => (quarantine.endOf(depClient(dep))?.seq ?? dep[2]) < dep[2]
    const verified = this.#checkDeps(await this.#verify(candidates, outcome, group), outcome, isCut)
    const { entries, complete, waiting } = orderRuns(verified, client => logs.get(client)?.seq ?? 0, isCut)
    for (const { log, bytes, from } of waiting) this.#hold({ log: log.id, run: bytes, from }, outcome)
    await this.#init.applier.apply(group, entries)
    for (const { log, run, bytes, hashes, from } of complete) {
      logs.append(group.batch, log, run, bytes, hashes)
      group.addRun({ log, run: bytes, first: run.first, last: lastOf(run), from })
      outcome.accept(log, run.entries.length, from)
    }
    group.done.push(() => outcome.resolve())
    group.failed.push(() => outcome.fail())
  }

  /** Runs that continue their logs, verified, each log's in order. */
  async #verify(candidates: HeldRun[], outcome: ReceiveOutcome, group: SpaceGroup): Promise<VerifiedRun[]> {
    const byLog = new Map<SpaceLog, { run: Run; bytes: Uint8Array; from: LogId }[]>()
    for (const candidate of candidates) {
      try {
        const { twin, device } = candidate.log
        const { logs, directory } = this.#init.context
        // Nothing is kept about devices that nobody has listed
        if (directory.get(twin)?.device(device) === undefined) throw new Refusal('later', 'The device is not on a list')
        const log = logs.open(candidate.log)
        if (log === undefined) throw new Refusal('later', 'The twin is no member that is known here')
        const run = decodeRun(candidate.run)
        if (log.isFrozen) {
          if (this.#init.others.isOf(log) && (await this.#init.others.take(group, log, run))) continue
          throw forked(this.#init.others.isOf(log))
        }
        const runs = byLog.get(log)
        const item = { run, bytes: candidate.run, from: candidate.from }
        if (runs === undefined) byLog.set(log, [item])
        else runs.push(item)
      } catch (cause) {
        this.#refuse(candidate, cause, outcome)
      }
    }
    const verified: VerifiedRun[] = []
    for (const [log, runs] of byLog) {
      runs.sort((a, b) => a.run.first - b.run.first || lastOf(a.run) - lastOf(b.run))
      verified.push(...(await this.#verifyLog(log, runs, outcome, group)))
    }
    return verified
  }

  async #verifyLog(
    log: SpaceLog,
    runs: readonly { run: Run; bytes: Uint8Array; from: LogId }[],
    outcome: ReceiveOutcome,
    group: SpaceGroup
  ): Promise<VerifiedRun[]> {
    const chain = new Chain(log)
    for (const { run, bytes, from } of runs) {
      try {
        if (run.first > chain.seq + 1) throw new Refusal('later', 'Entries before these are missing')
        // Without its previous hash a run would be linked to whatever stands before: that has to be true first
        if (run.prev === undefined && chain.unproved.some(other => other.from !== from))
          await this.#prove(chain, outcome)
        const next = await this.#link(chain, run, bytes, from, outcome, group)
        if (next === undefined) continue
        checkRights(this.#init.context, log, next.run, chain.mhead, from)
        chain.add(next)
      } catch (cause) {
        this.#refuse({ log: log.id, run: bytes, from }, cause, outcome)
      }
    }
    await this.#prove(chain, outcome)
    return joinRuns(chain.runs)
  }

  /** Drops runs from the end until one is signed: entries are linked by hashes, so it vouches for all before. */
  async #prove(chain: Chain, outcome: ReceiveOutcome): Promise<void> {
    while (chain.unproved.length > 0 && !(await isSigned(this.#init.context, chain.runs.at(-1)!))) {
      const { log, bytes, from } = chain.drop()
      outcome.refuse({ log: log.id, run: bytes, from }, 'signature', 'The signature is not that of the device')
      // Somebody sends garbage: do not verify all of it, run by run
      while (chain.unproved.length > maxTries) chain.drop()
    }
    chain.proved = chain.runs.length
  }

  /** The part of the run that is new, linked to the tip; undefined when nothing is. */
  async #link(
    chain: Chain,
    run: Run,
    bytes: Uint8Array,
    from: LogId,
    outcome: ReceiveOutcome,
    group: SpaceGroup
  ): Promise<VerifiedRun | undefined> {
    const { crypto, id, logs } = this.#init.context
    const { log } = chain
    const last = lastOf(run)
    // What a shortened log no longer has is compared where it begins
    if (last <= log.base.seq) return undefined
    const known = chain.hashAt(run.first - 1) ?? (await logs.hashAt(log, run.first - 1))
    const before = known ?? (run.first <= log.base.seq ? run.prev : undefined)
    if (before === undefined) {
      // It begins where the log no longer does, and has nothing that is not here
      if (last <= log.seq) return undefined
      throw new Refusal('later', 'Entries before these are missing')
    }
    const prev = run.prev ?? before
    const { headers, hashes } = linkRun(crypto, id, log.id, run, prev)
    const shared = Math.min(last, chain.seq)
    const ours = shared < run.first ? before : (chain.hashAt(shared) ?? (await logs.hashAt(log, shared)))
    const theirs = shared < run.first ? prev : hashes[shared - run.first]!
    const whole = { log, client: log.client, run: { ...run, prev }, bytes, headers, hashes, from }
    if (ours === undefined || !equals(ours, theirs)) {
      if (chain.unproved.length > 0) {
        // What it contradicts may be the false one
        await this.#prove(chain, outcome)
        return this.#link(chain, run, bytes, from, outcome, group)
      }
      checkRights(this.#init.context, log, run, undefined, from)
      if (!(await isSigned(this.#init.context, whole)))
        throw new Refusal('signature', 'The run does not continue the log')
      if (this.#init.history.disprove(log, shared)) {
        this.#init.context.touch()
        throw new Refusal('later', 'The log is being set right')
      }
      await this.#freeze(chain, whole, Math.max(shared, 1), group)
      throw forked(this.#init.others.isOf(log))
    }
    if (last <= chain.seq) return undefined
    const isWhole = run.prev !== undefined && run.first === chain.seq + 1
    return isWhole ? whole : restOf(whole, chain)
  }

  /** Without the runs that name an entry which is not the one held here: their author saw another history, and no cut has ended both. */
  #checkDeps(runs: readonly VerifiedRun[], outcome: ReceiveOutcome, isCut: (dep: Dep) => boolean): VerifiedRun[] {
    const refused = new Set<SpaceLog>()
    const names = (run: VerifiedRun): boolean =>
      run.run.entries.every(({ deps }) =>
        deps.every(dep => {
          const known = this.#init.context.logs.get(depClient(dep))?.recentHash(dep[2])
          return known === undefined || equals(known, dep[3]) || isCut(dep)
        })
      )
    return runs.filter(run => {
      if (!refused.has(run.log) && names(run)) return true
      refused.add(run.log)
      outcome.refuse({ log: run.log.id, run: run.bytes, from: run.from }, 'chain', 'It builds on another history')
      return false
    })
  }

  async #freeze({ log, runs }: Chain, theirs: VerifiedRun, seq: number, group: SpaceGroup): Promise<void> {
    const { logs, news } = this.#init.context
    const held = runs.find(({ run }) => run.first <= seq && seq <= lastOf(run))?.bytes
    const ours = held ?? (await logs.runBytesWith(log, seq)) ?? new Uint8Array()
    const proof = [ours, encodeRun(theirs.run)] as const
    logs.freeze(group.batch, log, seq, proof)
    group.done.push(() => news.forked(log.id, proof))
  }

  #refuse(run: HeldRun, cause: unknown, outcome: ReceiveOutcome): void {
    if (cause instanceof Refusal) {
      if (cause.code === 'later') this.#hold(run, outcome)
      outcome.refuse(run, cause.code, cause.message)
    } else if (cause instanceof FormatError) outcome.refuse(run, 'malformed', cause.message)
    else throw cause
  }

  #hold(run: HeldRun, outcome: ReceiveOutcome): void {
    if (this.held.add(run)) outcome.hold(run)
    else outcome.refuse(run, 'budget', 'Too much waits for what it builds on')
  }
}
