import type { Network } from './network.ts'
import type { Strays } from './strays.ts'
import type { Twin } from './twin.ts'
import type { World } from './world.ts'

export interface NemesisInit {
  readonly world: World
  readonly network: Network
  readonly twins: readonly Twin[]
  readonly strays: Strays
}

type Directions = (readonly [from: number, to: number])[]

/** Everything that goes wrong, until it is told to stop. */
export class Nemesis {
  readonly #init: NemesisInit
  readonly #heals = new Set<() => void>()
  #isOver = false

  constructor(init: NemesisInit) {
    this.#init = init
  }

  /** Plans the faults of a phase of so many ms. */
  start(lastsMs: number): void {
    const { world, twins, strays } = this.#init
    const { random, options, time } = world
    const plan = (delayMs: number, run: () => void) =>
      time.after(delayMs, () => {
        if (!this.#isOver) run()
      })
    for (const twin of twins) twin.disk.failure = options.diskFailure
    for (let count = options.partitions + random.below(4); count > 0; count--) {
      plan(random.between(0, lastsMs * 0.95), () => this.#partition(random.between(50, lastsMs / 8)))
    }
    for (
      let at = random.between(0, options.crashEveryMs);
      at < lastsMs;
      at += random.between(1, 2 * options.crashEveryMs)
    ) {
      plan(at, () => this.#crash(random.pick(twins)))
    }
    // Chance may have left it out, or met only twins that were down
    if (Number.isFinite(options.crashEveryMs)) plan(lastsMs * 0.9, () => this.#crashOnce())
    for (let count = options.fullDisks; count > 0; count--) {
      plan(random.between(0, lastsMs), () => this.#fill(random.pick(twins), random.between(20, lastsMs / 10)))
    }
    for (let at = 0; at < lastsMs; at += random.between(10, 80)) plan(at, () => strays.send())
    for (let at = 0; at < lastsMs; at += random.between(500, 4000)) {
      plan(at, () => {
        world.counts.clockJumps++
        random.pick(twins).clock.jump()
      })
    }
  }

  /** No more faults: what is broken heals, who is down comes up. */
  stop(): void {
    const { twins, network } = this.#init
    this.#isOver = true
    network.isLossy = false
    for (const heal of [...this.#heals]) heal()
    for (const twin of twins) {
      twin.disk.failure = 0
      twin.disk.isFull = false
      void twin.start()
    }
  }

  #partition(lastsMs: number): void {
    const { world, network, twins } = this.#init
    const { random, counts, log, time } = world
    const order = random.shuffle(twins.map(({ index }) => index))
    const cut = 1 + random.below(order.length - 1)
    const [some, others] = [order.slice(0, cut), order.slice(cut)]
    const isOneWay = random.chance(0.4)
    const directions: Directions = some.flatMap(from => others.map((to): readonly [number, number] => [from, to]))
    if (!isOneWay) directions.push(...directions.map(([from, to]) => [to, from] as const))
    counts.partitions++
    if (isOneWay) counts.oneWayPartitions++
    log.add(time.now, `partition ${some.join()} ${isOneWay ? '>' : '|'} ${others.join()}`)
    const unblock = network.block(directions)
    this.#heal(lastsMs, unblock)
  }

  #crashOnce(): void {
    const { world, twins } = this.#init
    const up = twins.filter(({ isDown }) => !isDown)
    if (world.counts.crashes === 0 && up.length > 0) this.#crash(world.random.pick(up), 0)
  }

  #crash(twin: Twin, orderly = 0.2): void {
    const { world } = this.#init
    const { random, time } = world
    if (twin.isDown) return
    if (random.chance(orderly)) void twin.stop()
    else twin.crash()
    time.after(random.between(1, 800), () => {
      void twin.start()
      // A start is a good moment for the next crash
      if (random.chance(0.3)) time.after(random.between(0, 20), () => this.#isOver || this.#crash(twin))
    })
    // The one before may have come while the twin was still stopping
    time.after(900, () => void twin.start())
  }

  #fill({ disk }: Twin, lastsMs: number): void {
    disk.isFull = true
    this.#heal(lastsMs, () => {
      disk.isFull = false
    })
  }

  #heal(afterMs: number, run: () => void): void {
    const heal = () => {
      if (this.#heals.delete(heal)) run()
    }
    this.#heals.add(heal)
    this.#init.world.time.after(afterMs, heal)
  }
}
