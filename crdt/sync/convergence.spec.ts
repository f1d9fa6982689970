import { expect } from 'chai'
import { nodeCrypto } from '../../node/crypto.ts'
import { type KeyValue, keyValue } from '../key-value/index.ts'
import { bytesToHex } from '../log/index.ts'
import { createSpaces, type Space } from '../spaces/index.ts'
import { openTwins, type TestReplica } from '../spaces/replicas.fixture.ts'
import { Link } from './link.fixture.ts'

/** Printed with a failure, and enough to run it again. */
const SEEDS = [1, 2, 3]
const STEPS = 60

/** Small, seeded and good enough to choose steps (mulberry32). */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Twins that write, meet, lose each other in the middle of an exchange, crash and come back. */
class World {
  readonly replicas: TestReplica[]
  readonly spaces: Space[]
  readonly written = new Map<string, string>()
  readonly links = new Map<string, Link>()
  cuts = 0
  crashes = 0
  readonly #random: (below: number) => number

  constructor(replicas: TestReplica[], spaces: Space[], random: (below: number) => number) {
    this.replicas = replicas
    this.spaces = spaces
    this.#random = random
  }

  static async open(count: number, seed: number): Promise<World> {
    const replicas = await openTwins(count, { crypto: nodeCrypto() })
    const [first, ...others] = replicas
    const space = await first!.spaces.create({ kind: 'shared', name: 's', members: others.map(({ twin }) => twin) })
    const world = new World(replicas, [], seeded(seed))
    for (let other = 1; other < count; other++) world.meet(0, other)
    await until(() => replicas.every(({ spaces }) => spaces.get(space.id)?.state === 'open'))
    world.part()
    world.spaces.push(...replicas.map(({ spaces }) => spaces.get(space.id)!))
    return world
  }

  table(replica: number): KeyValue {
    return keyValue(this.spaces[replica]!, 'default')
  }

  async step(): Promise<void> {
    const random = this.#random
    const replica = random(this.replicas.length)
    switch (random(8)) {
      case 0:
      case 1:
        await this.#put(replica)
        break
      case 2:
        await this.#type(replica)
        break
      case 3:
        await Promise.all([this.#put(replica), this.#put((replica + 1) % this.replicas.length), this.#type(replica)])
        break
      case 4:
      case 5:
        this.meet(replica, (replica + 1 + random(this.replicas.length - 1)) % this.replicas.length)
        await turns(random(30))
        break
      case 6:
        this.part(random(2) === 0)
        break
      default:
        await this.#crash(replica)
    }
  }

  /** Connects two replicas; `cutAfter` items the link breaks without a word. */
  meet(one: number, other: number, cutAfter = Number.POSITIVE_INFINITY): void {
    const key = [one, other].sort().join()
    if (this.links.has(key)) return
    let items = 0
    const [a, b] = [this.replicas[one]!, this.replicas[other]!]
    const link: Link = new Link(a.spaces.replica, b.spaces.replica, {
      onItem: item => {
        if (++items > cutAfter) link.cut()
        return item
      }
    })
    this.links.set(key, link.start())
  }

  /** Cuts all links, or one. */
  part(onlyOne = false): void {
    for (const [key, link] of this.links) {
      this.#checkErrors(link)
      link.cut()
      this.cuts++
      this.links.delete(key)
      if (onlyOne) return
    }
  }

  /** Everybody is connected in a ring: all that anybody wrote has to reach all. */
  async heal(): Promise<void> {
    this.part()
    const { length } = this.replicas
    for (let i = 0; i < length; i++) if (length > 2 || i === 0) this.meet(i, (i + 1) % length)
    await until(() => {
      for (const link of this.links.values()) this.#checkErrors(link)
      const frontiers = this.spaces.map((space, i) => frontierOf(this.replicas[i]!, space))
      return frontiers.every(frontier => frontier === frontiers[0])
    })
  }

  async content(replica: number): Promise<unknown> {
    const entries = []
    for await (const { key, value, version } of this.table(replica).list()) {
      entries.push([key, new TextDecoder().decode(value), version])
    }
    const doc = await this.spaces[replica]!.doc('text/paper')
    return { entries, text: doc.getText('text').toString() }
  }

  async #put(replica: number): Promise<void> {
    const key = `k${this.#random(12)}`
    const value = `${replica} ${this.written.size}`
    const { version } = await this.table(replica).put(key, new TextEncoder().encode(value))
    this.written.set(`${key} ${version}`, value)
  }

  async #type(replica: number): Promise<void> {
    const at = this.#random(1000)
    await this.spaces[replica]!.write('text/paper', doc => {
      const text = doc.getText('text')
      if (at % 5 === 0 && text.length > 4) text.delete(at % (text.length - 3), 3)
      else text.insert(at % (text.length + 1), `[${replica}:${at}]`)
    })
  }

  /** Nothing is stopped or flushed: what was acknowledged is in the store, and the store is all that is left. */
  async #crash(replica: number): Promise<void> {
    this.crashes++
    for (const [key, link] of this.links) {
      if (!key.split(',').includes(String(replica))) continue
      link.cut()
      this.links.delete(key)
    }
    const old = this.replicas[replica]!
    const spaces = await createSpaces(old.init)
    await spaces.start()
    this.replicas[replica] = { ...old, spaces }
    this.spaces[replica] = spaces.get(this.spaces[replica]!.id)!
  }

  #checkErrors(link: Link): void {
    expect(link.errors()).to.deep.equal([])
  }
}

function frontierOf({ spaces }: TestReplica, { id }: Space): string {
  const frontier = spaces.replica.space(id)?.frontier() ?? []
  return frontier
    .map(([twin, device, seq, hash]) => `${bytesToHex(twin)}/${device}/${seq}/${bytesToHex(hash)}`)
    .sort()
    .join()
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}

/** Waits for a state, not for time: the spec's time limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}

describe('convergence of spaces over sync sessions', function () {
  this.timeout(60_000)

  for (const seed of SEEDS) {
    it(`all replicas end up the same, live and after a restart (seed ${seed})`, async () => {
      const count = 3 + (seed % 3)
      const world = await World.open(count, seed)
      for (let step = 0; step < STEPS; step++) await world.step()
      await world.heal()
      const live = await Promise.all(world.replicas.map((_, replica) => world.content(replica)))
      for (const content of live) expect(content).to.deep.equal(live[0])
      world.part()
      for (const [replica, { init }] of world.replicas.entries()) {
        const again = await createSpaces(init)
        world.spaces[replica] = again.get(world.spaces[replica]!.id)!
        expect(await world.content(replica)).to.deep.equal(live[0])
      }
      // Every value that is seen was written under that version
      const { entries } = live[0] as { entries: [string, string, string][] }
      for (const [key, value, version] of entries) expect(world.written.get(`${key} ${version}`)).to.equal(value)
      // The run did what it is for
      expect(world.cuts).to.be.greaterThan(0)
      expect(world.crashes).to.be.greaterThan(0)
      expect(world.written.size).to.be.greaterThan(5)
    })
  }

  it('a session that breaks at any item is finished by the next one', async () => {
    for (let cutAfter = 1; cutAfter < 12; cutAfter += 3) {
      const world = await World.open(2, cutAfter)
      for (let i = 0; i < 6; i++)
        await Promise.all([world.table(0).put(`a${i}`, bytes(i)), world.table(1).put(`b${i}`, bytes(i))])
      world.meet(0, 1, cutAfter)
      await turns(40)
      await world.heal()
      expect(await world.content(0)).to.deep.equal(await world.content(1))
    }
  })
})

function bytes(value: number): Uint8Array {
  return Uint8Array.of(value)
}
