import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'
import { median } from './statistics.ts'

interface Burst {
  readonly seconds: number
  readonly entries: number
}

/** What it costs to take in what somebody else wrote, with and without reading it. */
export async function receive({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const ticks = quick ? 64 : 512
  const [update, kept, size] = [emptyRounds(), emptyRounds(), emptyRounds()]
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const side = Side.start('receive')
  try {
    if (contenders.includes('ours')) await side.call('open', dir)
    // The first round warms up
    for (let round = -1; round < rounds && contenders.includes('ours'); round++) {
      await side.call('fill', ticks)
      const read = await side.call<Burst[]>('receive', 'reader')
      const blind = await side.call<Burst[]>('receive', 'replica')
      if (round < 0) continue
      update.ours.push(median(read.map(({ seconds, entries }) => (seconds / entries) * 1e6)))
      kept.ours.push(sum(blind, 'entries') / sum(blind, 'seconds'))
      size.ours.push(median(read.map(({ entries }) => entries)))
    }
    if (contenders.includes('ours')) await side.call('close')
  } finally {
    await side.stop()
    await rm(dir, { recursive: true, force: true })
  }
  return {
    name: 'receive',
    title: 'Receiving',
    how: `Entries of a few characters in 64 documents, in bursts of the runs that their author signed: by a reader, which verifies, opens, gates, applies and syncs each burst to its disk, and by a replica, which has no key, verifies and syncs. One process, no network; time until a burst is on the disk, by its entries.`,
    figures: [
      {
        name: 'an update, median of bursts',
        unit: 'µs',
        rounds: update,
        goal: { kind: 'value', is: 'at most', value: 60 }
      },
      {
        name: 'a replica takes',
        unit: 'entries/s',
        rounds: kept,
        goal: { kind: 'value', is: 'at least', value: 20_000 }
      },
      { name: 'entries of a burst, median', unit: '', rounds: size }
    ]
  }
}

function sum(bursts: readonly Burst[], of: keyof Burst): number {
  return bursts.reduce((total, burst) => total + burst[of], 0)
}
