import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions, BenchResult } from './report.ts'
import { Side } from './side.ts'
import { median } from './statistics.ts'

interface Round {
  readonly perSecond: number
  readonly loneUs: number
  readonly freshUs: number
  readonly cpuUs: number
  readonly burstBytes: number
  readonly loneBytes: number
}

const names = ['perSecond', 'loneUs', 'freshUs', 'cpuUs', 'burstBytes', 'loneBytes'] as const

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
    for (const who of contenders) measured[who].push(await measure(`writes-${who}`, count, lone, warmUp))
  }
  const of = (name: (typeof names)[number]) => ({
    floor: measured.floor.map(round => round[name]),
    ours: measured.ours.map(round => round[name])
  })
  return {
    name: 'writes',
    title: 'Writes',
    how: `${count.toLocaleString('en')} key-value writes of 100 bytes on A, each a call of its own, 128 in flight, until all are visible and stored on B; then ${lone} one at a time, ${receiptMs} ms apart, the first ones and those after ${warmUp} more. Ours is signed, sealed, gated and synced to disk on both sides before it counts; the floor is plain Yjs updates over one libp2p stream, those of a tick in one send, and Level without sync, signatures or encryption. Fresh processes and stores in every round.`,
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
        rounds: of('loneUs'),
        goal: { kind: 'ratio', is: 'at most', value: 3.5 }
      },
      { name: 'the same of the first ones, p50', unit: 'µs', rounds: of('freshUs') },
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

async function measure(side: string, count: number, lone: number, warmUp: number): Promise<Round> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [a, b] = [Side.start(side), Side.start(side)]
  try {
    await a.call('open', { dir: join(dir, 'a'), role: 'a' })
    await b.call('open', { dir: join(dir, 'b'), role: 'b' })
    await a.call('connect', await b.call<string>('listen'))
    await b.call('accept')
    // Code is compiled and caches are filled before the clock starts
    await burst(a, b, 0, Math.min(2000, count))
    let [cpu, bytes] = [await cpuOf(a, b), await a.call<number>('bytes')]
    const perSecond = await burst(a, b, 10_000, count)
    const cpuUs = ((await cpuOf(a, b)) - cpu) / count
    const burstBytes = ((await a.call<number>('bytes')) - bytes) / count
    const [times, sizes] = [[] as number[], [] as number[]]
    for (let i = 0; i < lone + warmUp + lone; i++) {
      bytes = await a.call<number>('bytes')
      times.push(await writeOne(a, b, 100_000 + i))
      // Alone is a write when the receipt of the one before is over too, which its bytes include
      await new Promise(resolve => setTimeout(resolve, receiptMs))
      sizes.push((await a.call<number>('bytes')) - bytes)
    }
    await Promise.all([a.call('close'), b.call('close')])
    // The median leaves out what the two twins say to each other besides, every few seconds
    const [freshUs, loneUs] = [median(times.slice(0, lone)), median(times.slice(-lone))]
    return { perSecond, loneUs, freshUs, cpuUs, burstBytes, loneBytes: median(sizes) }
  } finally {
    await Promise.all([a.stop(), b.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}

async function burst(a: Side, b: Side, from: number, count: number): Promise<number> {
  await b.call('forget')
  const arrivals = b.call<bigint>('all', count)
  const { begin } = await a.call<{ begin: bigint }>('burst', { from, count, inFlight: 128 })
  return (count / Number((await arrivals) - begin)) * 1e9
}

async function writeOne(a: Side, b: Side, n: number): Promise<number> {
  const [begin, end] = await Promise.all([a.call<bigint>('write', n), b.call<bigint>('arrival', n)])
  return Number(end - begin) / 1000
}

async function cpuOf(a: Side, b: Side): Promise<number> {
  return (await a.cpu()) + (await b.cpu())
}
