import type { LogId } from '../../crdt/log/index.ts'
import { describe, type Twin } from './twin.ts'
import type { World } from './world.ts'

interface Stray {
  readonly space: Uint8Array
  readonly log: LogId
  readonly run: Uint8Array
}

const kept = 96

/**
 * Runs that come again, late, early and out of order: as by another session, a mailbox or a friend. A sync session keeps its own order,
 * so they are handed to the replica itself.
 */
export class Strays {
  readonly #world: World
  readonly #twins: readonly Twin[]
  readonly #runs: Stray[] = []

  constructor(world: World, twins: readonly Twin[]) {
    this.#world = world
    this.#twins = twins
  }

  /** Remembers what a twin stores. */
  watch(twin: Twin): void {
    twin.spaces!.replica.on('runs', ({ space, log, run }) => {
      this.#runs.push({ space, log, run: run.slice() })
      if (this.#runs.length > kept) this.#runs.splice(this.#world.random.below(kept), 1)
    })
  }

  send(): void {
    const { random, counts, time, log } = this.#world
    const twin = random.pick(this.#twins)
    const life = twin.life
    if (life?.spaces === undefined || this.#runs.length === 0) return
    const { space } = random.pick(this.#runs)
    const { replica } = life.spaces
    if (replica.space(space)?.state !== 'open') return
    const ofSpace = this.#runs.filter(one => one.space.every((byte, index) => byte === space[index]))
    const runs = random.shuffle(ofSpace).slice(0, 1 + random.below(4))
    const from = random.pick(runs).log
    const claims = replica.durable(space)
    counts.duplicates += runs.length
    if (runs.length > 1) counts.reordered += runs.length
    log.add(time.now, `${twin.index} gets ${runs.length} runs again`)
    void this.#give(twin, life, async () => {
      const { refused } = await replica.receiveRuns(
        space,
        runs.map(({ log: of, run }) => ({ log: of, run })),
        from
      )
      const isHarmless = refused === undefined || ['later', 'failed', 'unknown-space', 'budget'].includes(refused.code)
      if (!isHarmless && !life.isDead)
        this.#world.violate(`twin ${twin.index}: a run that came again was refused: ${refused.reason}`)
      await replica.receiveDurable(space, random.shuffle(claims).slice(0, 3), from)
    })
  }

  async #give(twin: Twin, life: { isDead: boolean }, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (cause) {
      if (!life.isDead) twin.expectDisk(cause, `what came again was not taken: ${describe(cause)}`)
    }
  }
}
