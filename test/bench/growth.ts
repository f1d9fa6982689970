import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchIdentity } from './bench-space.ts'
import { keyFor, valueFor } from './entries.ts'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'
import { quantile } from './statistics.ts'

const gc = ['--expose-gc']

/** Few keys written over and over: what stays on disk, and what compaction costs those who write meanwhile. */
export async function growth({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const [count, keys] = quick ? [100_000, 10_000] : [1_000_000, 10_000]
  const live = keys * (keyFor(0).length + valueFor(0).length)
  const [disk, slower, seconds] = [emptyRounds(), emptyRounds(), emptyRounds()]
  for (let round = 0; round < Math.min(rounds, 3) && contenders.includes('ours'); round++) {
    const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
    const side = Side.start('growth', gc)
    try {
      await side.call('open', { dir })
      await side.call('fill', { count, keys })
      const alone = await side.call<number[]>('write', 2000)
      const begin = performance.now()
      const { times } = await side.call<{ times: number[] }>('compact')
      seconds.ours.push((performance.now() - begin) / 1000)
      slower.ours.push(quantile(times, 0.99) / quantile(alone, 0.99))
      await side.call('settle')
      await side.call('close')
      disk.ours.push((await side.call<number>('disk')) / live)
    } finally {
      await side.stop()
      await rm(dir, { recursive: true, force: true })
    }
  }
  return {
    name: 'growth',
    title: 'Growth',
    how: `${count.toLocaleString('en')} writes of 100 bytes over ${keys.toLocaleString('en')} keys in the private space of one device, then a compaction while single writes go on one after another.`,
    figures: [
      { name: 'disk, of the live data', unit: '×', rounds: disk, goal: { kind: 'value', is: 'at most', value: 5 } },
      {
        name: 'write p99 while compacting, of p99 before',
        unit: '×',
        rounds: slower,
        goal: { kind: 'value', is: 'at most', value: 3 }
      },
      { name: 'compaction', unit: 's', rounds: seconds }
    ]
  }
}

/** A twin that has written much is started again. */
export async function restart({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 100_000 : 1_000_000
  const [seconds, memory, first] = [emptyRounds(), emptyRounds(), emptyRounds()]
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  try {
    let identity: BenchIdentity | undefined
    const filler = Side.start('growth', gc)
    if (contenders.includes('ours')) {
      identity = (await filler.call<{ identity: BenchIdentity }>('open', { dir })).identity
      await filler.call('fill', { count, keys: count })
      await filler.call('close')
    }
    await filler.stop()
    for (let round = 0; round < rounds && identity !== undefined; round++) {
      const side = Side.start('growth', gc)
      const opened = await side.call<{ seconds: number }>('open', { dir, identity })
      seconds.ours.push(opened.seconds)
      memory.ours.push((await side.call<{ rss: number }>('memory')).rss / 2 ** 20)
      first.ours.push((await side.call<number[]>('write', 1))[0]!)
      await side.call('close')
      await side.stop()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  return {
    name: 'restart',
    title: 'Restart',
    how: `The private space of one device with ${count.toLocaleString('en')} entries under as many keys, opened by a fresh process: until a value was read, with nothing but the store.`,
    figures: [
      { name: 'until it serves', unit: 's', rounds: seconds, goal: { kind: 'value', is: 'at most', value: 3 } },
      { name: 'memory then', unit: 'MiB', rounds: memory },
      { name: 'first write, which loads a document', unit: 'ms', rounds: first }
    ]
  }
}
