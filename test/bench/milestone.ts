import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyFor, valueFor } from './entries.ts'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'

const gc = ['--expose-gc']

/** What a new member needed, and by how much the resident set of its process grew meanwhile, in bytes. */
export interface CaughtUp {
  readonly seconds: number
  readonly peak: number
}

/** A new member gets a milestone instead of a long log. */
export async function milestone({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 100_000 : 1_000_000
  const bytes = count * (keyFor(0).length + valueFor(0).length)
  const [rate, memory, giver] = [emptyRounds(), emptyRounds(), emptyRounds()]
  for (let round = 0; round < Math.min(rounds, 3) && contenders.includes('ours'); round++) {
    const measured = await measure(count)
    rate.ours.push(count / measured.seconds)
    memory.ours.push(measured.peak / bytes)
    giver.ours.push(measured.giver / bytes)
  }
  return {
    name: 'milestone',
    title: 'Cold sync from a milestone',
    how: `${count.toLocaleString('en')} entries of 100 bytes in a shared space whose log was compacted, from accepting the offer until all of it is verified and on the disk of a member that had nothing. Both are whole twins in processes of their own; memory is by how much the resident set of a process grew at most, garbage included.`,
    figures: [
      { name: 'entries', unit: 'entries/s', rounds: rate, goal: { kind: 'value', is: 'at least', value: 50_000 } },
      {
        name: 'memory of the new member, of the data',
        unit: '×',
        rounds: memory,
        goal: { kind: 'value', is: 'at most', value: 3 }
      },
      { name: 'memory of who gives it, of the data', unit: '×', rounds: giver }
    ]
  }
}

async function measure(count: number): Promise<CaughtUp & { giver: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [a, b] = [Side.start('writes-ours', gc), Side.start('writes-ours', gc)]
  try {
    await a.call('open', { dir: join(dir, 'a') })
    await b.call('open', { dir: join(dir, 'b') })
    await a.call('befriend', await b.call<string>('listen'))
    const dropped = await a.call<number>('compacted', count)
    await a.call('beginMemory')
    const caughtUp = await b.call<CaughtUp>('catchUp', { count, dropped })
    const giver = await a.call<number>('endMemory')
    await Promise.all([a.call('close'), b.call('close')])
    return { ...caughtUp, giver }
  } finally {
    await Promise.all([a.stop(), b.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}
