import type { Dep, Run } from '../log/index.ts'

/** A verified run that waits to be applied. */
export interface OrderedRun {
  readonly client: number
  readonly run: Run
}

export interface CausalOrder<T extends OrderedRun> {
  /** Entries in an order in which each stands after all that it builds on. */
  readonly entries: readonly { readonly of: T; readonly index: number }[]
  readonly complete: readonly T[]
  /** Runs with an entry that builds on something that is not here. */
  readonly waiting: readonly T[]
}

/**
 * Orders runs of several logs. Each log's runs are given in order and continue its head. A run counts as a whole: when one of its
 * entries waits, all of it does, and with it whatever builds on it.
 *
 * @param isCut whether what an entry builds on was taken out: it is not waited for
 */
export function orderRuns<T extends OrderedRun>(
  runs: readonly T[],
  headOf: (client: number) => number,
  isCut: (dep: Dep) => boolean = () => false
): CausalOrder<T> {
  let candidates = runs
  for (;;) {
    const { entries, complete, waiting } = pass(candidates, headOf, isCut)
    // Without the entries of incomplete runs, others may lack what they build on
    if (waiting.length === 0 || entries.every(({ of }) => complete.has(of))) {
      return { entries, complete: [...complete], waiting: runs.filter(run => !complete.has(run)) }
    }
    candidates = candidates.filter(run => complete.has(run))
  }
}

/** The client id that a dependency names. */
export function depClient([member, device]: Dep): number {
  return member * 0x10000 + device
}

function pass<T extends OrderedRun>(
  runs: readonly T[],
  headOf: (client: number) => number,
  isCut: (dep: Dep) => boolean
) {
  const queues = new Map<number, T[]>()
  for (const run of runs) {
    const queue = queues.get(run.client)
    if (queue === undefined) queues.set(run.client, [run])
    else queue.push(run)
  }
  const reached = new Map<number, number>()
  const reachedBy = (client: number) => reached.get(client) ?? headOf(client)
  const cursors = [...queues].map(([client, queue]) => ({ client, queue, at: 0, index: 0 }))
  const entries: { of: T; index: number }[] = []
  const complete = new Set<T>()
  let progress = true
  while (progress) {
    progress = false
    for (const cursor of cursors) {
      for (let of = cursor.queue[cursor.at]; of !== undefined; of = cursor.queue[cursor.at]) {
        const { run } = of
        if (run.first + cursor.index !== reachedBy(cursor.client) + 1) break
        if (!run.entries[cursor.index]!.deps.every(dep => reachedBy(depClient(dep)) >= dep[2] || isCut(dep))) break
        entries.push({ of, index: cursor.index })
        reached.set(cursor.client, run.first + cursor.index)
        progress = true
        if (++cursor.index === run.entries.length) {
          complete.add(of)
          cursor.at++
          cursor.index = 0
        }
      }
    }
  }
  return { entries, complete, waiting: runs.filter(run => !complete.has(run)) }
}
