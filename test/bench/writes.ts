import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, BenchResult } from './report.ts'
import { Side } from './side.ts'
import { median } from './statistics.ts'

interface Round {
  readonly perSecond: number
  readonly inTurnUs: number
  readonly freshUs: number
  readonly afterAnotherUs: number
  readonly cpuUs: number
  readonly burstBytes: number
  readonly loneBytes: number
}

const names = [
  'perSecond',
  'inTurnUs',
  'freshUs',
  'afterAnotherUs',
  'cpuUs',
  'burstBytes',
  'loneBytes'
] as const satisfies (keyof Round)[]

/** Longer than a receipt is on its way: two signatures, and one commit to the disk that may be under way */
const receiptMs = 3

/** Small writes on A until they are visible and stored on B. */
export async function writes({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 1000 : 10_000
  const lone = quick ? 30 : 150
  // A twin is always on: what its engine compiles only after a thousand times is compiled on nearly all its days
  const warmUp = quick ? 30 : 1500
  const measured = { floor: [] as Round[], ours: [] as Round[] }
  for (let round = 0; round < rounds; round++) {
    const pairs: Pair[] = []
    try {
      const bursts: Awaited<ReturnType<typeof measureBurst>>[] = []
      for (const who of contenders) {
        const pair = await Pair.start(`writes-${who}`)
        pairs.push(pair)
        bursts.push(await measureBurst(pair, count))
      }
      const alone = await measureLone(pairs, lone, warmUp)
      for (const [index, who] of contenders.entries()) measured[who].push({ ...bursts[index]!, ...alone[index]! })
      for (const pair of pairs) await pair.close()
    } finally {
      for (const pair of pairs) await pair.stop()
    }
  }
  const of = (name: (typeof names)[number]) => ({
    floor: measured.floor.map(round => round[name]),
    ours: measured.ours.map(round => round[name])
  })
  return {
    name: 'writes',
    title: 'Writes',
    how: `${count.toLocaleString('en')} key-value writes of 100 bytes on A, each a call of its own, 128 in flight, until all are visible and stored on B; then single ones, ${receiptMs} ms after the one before, by floor and ours in turn, so that both meet the machine as it is at that moment: ${lone} at first and ${lone} after ${warmUp} more; last, ${lone} by the same two processes right behind one another, which finds processor and caches awake. Ours is signed, sealed, gated and synced to disk on both sides before it counts; the floor is plain Yjs updates over one libp2p stream, those of a tick in one send, and Level without sync, signatures or encryption. Fresh processes and stores in every round.`,
    figures: [
      {
        name: 'burst, 128 in flight',
        unit: 'writes/s',
        rounds: of('perSecond'),
        goal: { kind: 'ratio', is: 'at least', value: 0.7 }
      },
      {
        name: 'one write until on B, p50',
        unit: 'µs',
        rounds: of('inTurnUs'),
        goal: { kind: 'ratio', is: 'at most', value: 3.5 }
      },
      { name: 'the same of the first ones, p50', unit: 'µs', rounds: of('freshUs') },
      { name: 'the same right after another, p50', unit: 'µs', rounds: of('afterAnotherUs') },
      { name: 'CPU a write in the burst, both ends', unit: 'µs', rounds: of('cpuUs') },
      {
        name: 'bytes a write in the burst',
        unit: 'B',
        rounds: of('burstBytes'),
        goal: { kind: 'ratio', is: 'at most', value: 1.3 }
      },
      {
        name: 'bytes of a lone write',
        unit: 'B',
        rounds: of('loneBytes'),
        goal: { kind: 'value', is: 'at most', value: 450 }
      }
    ]
  }
}

/** A and B, connected. */
class Pair {
  readonly a: Side
  readonly b: Side
  readonly #dir: string
  #written = 100_000

  private constructor(side: string, dir: string) {
    this.a = Side.start(side)
    this.b = Side.start(side)
    this.#dir = dir
  }

  static async start(side: string): Promise<Pair> {
    const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
    const pair = new Pair(side, dir)
    const { a, b } = pair
    try {
      await a.call('open', { dir: join(dir, 'a'), role: 'a' })
      await b.call('open', { dir: join(dir, 'b'), role: 'b' })
      await a.call('connect', await b.call<string>('listen'))
      await b.call('accept')
      return pair
    } catch (error) {
      await pair.stop()
      throw error
    }
  }

  bytes(): Promise<number> {
    return this.a.call<number>('bytes')
  }

  async cpu(): Promise<number> {
    return (await this.a.cpu()) + (await this.b.cpu())
  }

  /** Writes a second until all are there. */
  async burst(from: number, count: number): Promise<number> {
    await this.b.call('forget')
    const arrivals = this.b.call<bigint>('all', count)
    const { begin } = await this.a.call<{ begin: bigint }>('burst', { from, count, inFlight: 128 })
    return (count / Number((await arrivals) - begin)) * 1e9
  }

  /** One write until it is there, µs. Over when its receipt is, too, which its bytes include. */
  async writeOne(): Promise<number> {
    const n = this.#written++
    const [begin, end] = await Promise.all([this.a.call<bigint>('write', n), this.b.call<bigint>('arrival', n)])
    await new Promise(resolve => setTimeout(resolve, receiptMs))
    return Number(end - begin) / 1000
  }

  async close(): Promise<void> {
    await Promise.all([this.a.call('close'), this.b.call('close')])
  }

  async stop(): Promise<void> {
    await Promise.all([this.a.stop(), this.b.stop()])
    await rm(this.#dir, { recursive: true, force: true })
  }
}

async function measureBurst(pair: Pair, count: number) {
  // Code is compiled and caches are filled before the clock starts
  await pair.burst(0, Math.min(2000, count))
  const [cpu, bytes] = [await pair.cpu(), await pair.bytes()]
  const perSecond = await pair.burst(10_000, count)
  const cpuUs = ((await pair.cpu()) - cpu) / count
  return { perSecond, cpuUs, burstBytes: ((await pair.bytes()) - bytes) / count }
}

/** For each pair, in their order. */
async function measureLone(pairs: readonly Pair[], lone: number, warmUp: number) {
  const times = pairs.map((): number[] => [])
  const sizes = pairs.map((): number[] => [])
  for (let i = 0; i < lone + warmUp + lone; i++) {
    for (const [index, pair] of pairs.entries()) {
      const bytes = await pair.bytes()
      times[index]!.push(await pair.writeOne())
      sizes[index]!.push((await pair.bytes()) - bytes)
    }
  }
  const results = []
  for (const [index, pair] of pairs.entries()) {
    const behind: number[] = []
    for (let i = 0; i < lone; i++) behind.push(await pair.writeOne())
    const all = times[index]!
    results.push({
      freshUs: median(all.slice(0, lone)),
      inTurnUs: median(all.slice(-lone)),
      afterAnotherUs: median(behind),
      // The median leaves out what the two twins say to each other besides, every few seconds
      loneBytes: median(sizes[index]!)
    })
  }
  return results
}
