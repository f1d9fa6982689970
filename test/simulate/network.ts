import { Link } from './link.ts'
import type { Twin } from './twin.ts'
import type { World } from './world.ts'

interface Pair {
  readonly twins: readonly [Twin, Twin]
  links: Link[]
}

/** Who is connected with whom, who cannot reach whom, and the connections that come back by themselves. */
export class Network {
  /** Messages are lost and directions can be blocked */
  isLossy = true
  #isOff = false
  readonly #world: World
  readonly #pairs: Pair[] = []
  /** How often each direction is blocked, by `from * 256 + to` */
  readonly #blocked = new Map<number, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** From now on these two are connected whenever both are up and nothing stands between them. */
  join(one: Twin, other: Twin): void {
    if (one === other || this.#pairs.some(({ twins }) => twins.includes(one) && twins.includes(other))) return
    const pair: Pair = { twins: [one, other], links: [] }
    this.#pairs.push(pair)
    this.#tend(pair)
  }

  isBlocked(from: Twin, to: Twin): boolean {
    return (this.#blocked.get(from.index * 256 + to.index) ?? 0) > 0
  }

  /** Answers how to undo it. */
  block(directions: readonly (readonly [from: number, to: number])[]): () => void {
    const add = (count: number) => {
      for (const [from, to] of directions) {
        const key = from * 256 + to
        this.#blocked.set(key, (this.#blocked.get(key) ?? 0) + count)
      }
    }
    add(1)
    return () => add(-1)
  }

  down(twin: Twin): void {
    for (const { twins, links } of this.#pairs) {
      if (twins.includes(twin)) for (const link of links) link.closeFor(twin)
    }
  }

  /** All links at once, for the end: nobody meets anybody any more. */
  switchOff(): void {
    this.#isOff = true
    for (const { twins, links } of this.#pairs) {
      for (const link of links) for (const twin of twins) link.closeFor(twin)
    }
  }

  #tend(pair: Pair): void {
    if (this.#isOff) return
    const { time, random, options, counts, log } = this.#world
    time.after(random.between(10, 250), () => this.#tend(pair))
    const [one, other] = pair.twins
    pair.links = pair.links.filter(link => !link.isOver)
    if (one.spaces === undefined || other.spaces === undefined) return
    // Whoever takes the old connection for good does not dial; the other may
    if (pair.links.some(link => link.isOpenFor(one) && link.isOpenFor(other))) return
    if (pair.links.some(link => link.isOpenFor(one) || link.isOpenFor(other)) && random.chance(0.5)) return
    if (this.isBlocked(one, other) || this.isBlocked(other, one)) return
    if (this.isLossy && random.chance(options.loss)) return
    if (pair.links.length > 0) counts.parallelSessions++
    counts.linksUp++
    log.add(time.now, `${one.index} and ${other.index} meet`)
    const link = new Link({
      world: this.#world,
      twins: pair.twins,
      isBlocked: (from, to) => this.isBlocked(from, to),
      isLossy: () => this.isLossy
    })
    pair.links.push(link)
    link.start()
  }
}
