import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyFor, valueFor } from './entries.ts'
import type { MemoryGrowth } from './memory.ts'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'

/** What a new member needed. */
export interface CaughtUp {
  readonly seconds: number
  readonly growth: MemoryGrowth
}

/** A new member gets a milestone instead of a long log. */
export async function milestone({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 100_000 : 1_000_000
  const bytes = count * (keyFor(0).length + valueFor(0).length)
  const [rate, memory, resident] = [emptyRounds(), emptyRounds(), emptyRounds()]
  for (let round = 0; round < Math.min(rounds, 3) && contenders.includes('ours'); round++) {
    const measured = await measure(count)
    rate.ours.push(count / measured.seconds)
    memory.ours.push(measured.growth.anonymous / bytes)
    resident.ours.push(measured.growth.resident / bytes)
  }
  return {
    name: 'milestone',
    title: 'Cold sync from a milestone',
    how: `${count.toLocaleString('en')} entries of 100 bytes in a shared space whose log was compacted, from accepting the offer until all of it is verified and on the disk of a member that had nothing. Both are whole twins in processes of their own; memory is by how much a process grew at most, garbage included, without the pages of its store that LevelDB maps: the kernel takes those back when it needs them.`,
    figures: [
      { name: 'entries', unit: 'entries/s', rounds: rate, goal: { kind: 'value', is: 'at least', value: 50_000 } },
      {
        name: 'memory of the new member, of the data',
        unit: '×',
        rounds: memory,
        goal: { kind: 'value', is: 'at most', value: 3 }
      },
      { name: 'with the mapped pages of its store', unit: '×', rounds: resident }
    ]
  }
}

async function measure(count: number): Promise<CaughtUp> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [a, b] = [Side.start('writes-ours'), Side.start('writes-ours', ['--expose-gc'])]
  try {
    await a.call('open', { dir: join(dir, 'a') })
    await b.call('open', { dir: join(dir, 'b') })
    await a.call('befriend', await b.call<string>('listen'))
    const dropped = await a.call<number>('compacted', count)
    const caughtUp = await b.call<CaughtUp>('catchUp', { count, dropped })
    await Promise.all([a.call('close'), b.call('close')])
    return caughtUp
  } finally {
    await Promise.all([a.stop(), b.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}
