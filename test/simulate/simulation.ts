import { bytesToHex } from '../../crdt/log/index.ts'
import { allHeads, firstDifference, firstUndelivered } from './agreement.ts'
import { changeByRestart, difference, readContents } from './contents.ts'
import { type Counts, missingInOne, newCounts } from './counts.ts'
import { EventLog } from './event-log.ts'
import { Floors } from './floors.ts'
import { hashCrypto } from './hash-crypto.ts'
import { type Contents, History } from './history.ts'
import { type Identity, newIdentity } from './identity.ts'
import { Nemesis } from './nemesis.ts'
import { Network } from './network.ts'
import { planSpaces } from './plan-spaces.ts'
import { Random } from './random.ts'
import { Strays } from './strays.ts'
import { Twin } from './twin.ts'
import { VirtualTime } from './virtual-time.ts'
import { realCrypto } from './watched-crypto.ts'
import { Workload } from './workload.ts'
import type { SimulationOptions, World } from './world.ts'

/** Within so much time without faults all replicas have to be the same (ms). */
const healMs = 120_000
/** Nothing may keep twins busy for ever. */
const maxEvents = 2_000_000

export interface SimulationResult {
  readonly options: SimulationOptions
  /** What must never happen and did; empty when all is well */
  readonly violations: readonly string[]
  readonly counts: Counts
  /** Of everything that happened: the same for the same seed */
  readonly hash: string
  /** Virtual time from the last fault to equal replicas (ms) */
  readonly healedMs: number
}

/** Runs the twins of one seed through faults, heals them, and compares what they hold and what they had promised. */
export async function simulate(options: SimulationOptions, trace?: (line: string) => void): Promise<SimulationResult> {
  const simulation = new Simulation(options, trace)
  return simulation.run()
}

class Simulation {
  readonly #world: World
  readonly #violations: string[] = []
  readonly #history = new History()
  readonly #floors: Floors
  readonly #network: Network
  readonly #twins: Twin[] = []
  readonly #strays: Strays
  #healedMs = 0

  constructor(options: SimulationOptions, trace?: (line: string) => void) {
    const random = new Random(options.seed)
    const real = options.realCrypto ? realCrypto(random.fork()) : undefined
    const time = new VirtualTime({ settled: () => real?.settled() })
    this.#world = {
      time,
      random,
      crypto: real ?? hashCrypto(random.fork()),
      counts: newCounts(),
      log: new EventLog(trace),
      options,
      violate: what => {
        if (this.#violations.length < 20) this.#violations.push(`${time.now.toFixed(1)} ms: ${what}`)
      }
    }
    this.#floors = new Floors(this.#world)
    this.#network = new Network(this.#world)
    this.#strays = new Strays(this.#world, this.#twins)
  }

  async run(): Promise<SimulationResult> {
    const { options, counts, log, time } = this.#world
    await this.#createTwins()
    const workload = new Workload({
      world: this.#world,
      twins: this.#twins,
      wishes: planSpaces(this.#world, this.#twins, this.#network),
      history: this.#history,
      floors: this.#floors
    })
    const nemesis = new Nemesis({
      world: this.#world,
      network: this.#network,
      twins: this.#twins,
      strays: this.#strays
    })
    const lastsMs = options.steps * options.stepMs
    nemesis.start(lastsMs)
    await this.#faultyPhase(workload, lastsMs)
    nemesis.stop()
    const missing = missingInOne(counts, options.partitions)
    if (this.#isWell) await this.#heal(workload)
    if (this.#isWell) await this.#compare()
    counts.events = time.done
    if (this.#isWell) this.#violations.push(...missing)
    return { options, violations: this.#violations, counts, hash: log.digest(), healedMs: this.#healedMs }
  }

  get #isWell(): boolean {
    return this.#violations.length === 0
  }

  async #createTwins(): Promise<void> {
    const { crypto, options } = this.#world
    const identities: Identity[] = []
    while (identities.length < options.twins) identities.push(await newIdentity(crypto))
    const lists = new Map(identities.map(({ twin, records }) => [bytesToHex(twin), records]))
    for (const [index, identity] of identities.entries()) {
      const twin = new Twin({
        world: this.#world,
        index,
        identity,
        lists,
        floors: this.#floors,
        onUp: up => this.#strays.watch(up),
        onDown: down => this.#network.down(down)
      })
      this.#twins.push(twin)
      void twin.start()
    }
  }

  async #faultyPhase(workload: Workload, lastsMs: number): Promise<void> {
    const { time, random, options } = this.#world
    const step = () => {
      workload.step()
      if (time.now < lastsMs) time.after(random.between(0, 2 * options.stepMs), step)
    }
    time.after(0, step)
    while (this.#isWell && (await time.step(lastsMs))) this.#checkEvents()
  }

  async #heal(workload: Workload): Promise<void> {
    const { time } = this.#world
    const start = time.now
    let before: string | undefined
    for (;;) {
      const until = time.now + 100
      while (this.#isWell && (await time.step(until))) this.#checkEvents()
      if (!this.#isWell) return
      for (const twin of this.#twins) {
        void twin.start()
        twin.acceptAll()
      }
      workload.grantAll()
      const different = workload.isGranted
        ? (firstDifference(this.#twins) ?? firstUndelivered(this.#twins))
        : 'not all spaces were made'
      // Keys that came with the last records may still be on their way into private spaces
      const heads = different === undefined ? allHeads(this.#twins) : undefined
      if (heads !== undefined && heads === before) break
      before = heads
      if (time.now - start > healMs) {
        this.#diverged(`no agreement after ${healMs} ms without faults: ${different ?? 'somebody always writes'}`)
        return
      }
    }
    this.#healedMs = time.now - start
  }

  /** Everything everywhere, then once more after each twin was started anew without a network. */
  async #compare(): Promise<void> {
    const before = await this.#readAll()
    if (before === undefined) return
    this.#network.switchOff()
    for (const [index, twin] of this.#twins.entries()) {
      if (index % 2 === 0) twin.crash()
      else await this.#until(twin.stop())
      if (twin.isDown) await this.#until(twin.start())
    }
    const after = await this.#readAll()
    if (after === undefined) return
    for (const [key, contents] of after) {
      const changed = changeByRestart(before.get(key)!, contents, key.includes(' in self'))
      if (changed !== undefined) this.#diverged(`${key} is not the same after a restart: ${changed}`)
    }
  }

  async #readAll(): Promise<Map<string, Contents> | undefined> {
    const { log, time } = this.#world
    const all = new Map<string, Contents>()
    const first = new Map<string, { key: string; contents: Contents }>()
    for (const twin of this.#twins) {
      const { life, spaces } = twin
      if (life === undefined || spaces === undefined) {
        this.#world.violate(`twin ${twin.index} is not up`)
        return undefined
      }
      for (const space of spaces.list()) {
        const contents = await this.#until(readContents(life, space, this.#history.documents(space.text)))
        if (contents === undefined) return undefined
        const key = `twin ${twin.index} in ${space.kind} ${space.name}`
        all.set(key, contents)
        log.add(time.now, `${key} ${contents.frontier}`)
        const reference = first.get(space.text)
        if (reference === undefined) {
          first.set(space.text, { key, contents })
          for (const wrong of this.#history.check(space.text, contents)) this.#lost(`${key}: ${wrong}`)
          if (contents.review !== '[]') this.#world.violate(`${key} does not show honest entries: ${contents.review}`)
        } else {
          const different = difference(reference.contents, contents)
          if (different !== undefined) this.#diverged(`${reference.key} and ${key} differ in ${different}`)
        }
      }
    }
    return all
  }

  /** Lets time pass until a promise is settled. */
  async #until<T>(promise: Promise<T>): Promise<T | undefined> {
    let isSettled = false
    let value: T | undefined
    promise.then(
      result => {
        isSettled = true
        value = result
      },
      cause => {
        isSettled = true
        this.#world.violate(`at the end: ${cause instanceof Error ? cause.stack : cause}`)
      }
    )
    const { time } = this.#world
    const limit = time.now + healMs
    await new Promise(setImmediate)
    while (!isSettled && (await time.step(limit))) this.#checkEvents()
    if (!isSettled) this.#world.violate('at the end: something was never answered')
    return value
  }

  #checkEvents(): void {
    if (this.#world.time.done > maxEvents) this.#world.violate(`not at rest after ${maxEvents} events`)
  }

  #diverged(what: string): void {
    this.#world.counts.diverged = 1
    this.#world.violate(what)
  }

  #lost(what: string): void {
    this.#world.counts.lost++
    this.#world.violate(what)
  }
}
