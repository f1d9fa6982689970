import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'

/** Rounds at least: they are short, and a table that Level writes in one of them makes it half as fast */
const leastRounds = 15

/** Reading and writing values in a process: raw storage in one, ours in another, which take turns. */
export async function store({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 2000 : 10_000
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [put, get, cpu] = [emptyRounds(), emptyRounds(), emptyRounds()]
  const sides = { floor: Side.start('store'), ours: Side.start('store') }
  try {
    for (const who of contenders) await sides[who].call('open', { dir, who })
    for (let round = -1; round < (quick ? rounds : Math.max(rounds, leastRounds)); round++) {
      for (const who of contenders) {
        const side = sides[who]
        const range = { from: (round + 1) * count, count }
        const before = await side.cpu()
        const puts = await side.call<number>('put', range)
        const spent = (await side.cpu()) - before
        const gets = await side.call<number>('get', range)
        // The first round warms both up
        if (round < 0) continue
        put[who].push(puts)
        cpu[who].push(spent / count)
        get[who].push(gets)
      }
    }
    for (const who of contenders) await sides[who].call('close')
  } finally {
    await Promise.all([sides.floor.stop(), sides.ours.stop()])
    await rm(dir, { recursive: true, force: true })
  }
  return {
    name: 'store',
    title: 'Store',
    how: `${count.toLocaleString('en')} values of 100 bytes, the floor and ours each in a process of its own, which is tuned as that of a twin. Durable puts with 128 in flight against a Yjs map, AES-GCM and SHA-256 over each update and one chained, synced batch of the same rows in Level as it comes; gets, one after another in random order, against raw Level.`,
    figures: [
      {
        name: 'durable put, 128 in flight',
        unit: 'puts/s',
        rounds: put,
        goal: { kind: 'ratio', is: 'at least', value: 0.6 }
      },
      { name: 'CPU a put', unit: 'µs', rounds: cpu },
      { name: 'get', unit: 'gets/s', rounds: get, goal: { kind: 'ratio', is: 'at least', value: 0.7 } }
    ]
  }
}
