import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'

/** A namespace full of entries reaches somebody who has nothing of it. */
export async function cold({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 10_000 : 100_000
  const [rate, cpu, bytes] = [emptyRounds(), emptyRounds(), emptyRounds()]
  for (let round = 0; round < rounds && contenders.includes('ours'); round++) {
    const measured = await measure(count)
    rate.ours.push(measured.perSecond)
    cpu.ours.push(measured.cpuUs)
    bytes.ours.push(measured.bytes)
  }
  return {
    name: 'cold',
    title: 'Cold sync',
    how: `${count.toLocaleString('en')} entries of 100 bytes in a shared namespace, from accepting the offer until every one is verified, opened, gated, indexed and synced to disk on a twin that had none. Both are whole twins in processes of their own.`,
    figures: [
      { name: 'entries', unit: 'entries/s', rounds: rate, goal: { kind: 'value', is: 'at least', value: 20_000 } },
      { name: 'CPU an entry, both ends', unit: 'µs', rounds: cpu },
      { name: 'bytes an entry', unit: 'B', rounds: bytes }
    ]
  }
}

async function measure(count: number): Promise<{ perSecond: number; cpuUs: number; bytes: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [a, b] = [Side.start('writes-ours'), Side.start('writes-ours')]
  try {
    await a.call('open', { dir: join(dir, 'a') })
    await b.call('open', { dir: join(dir, 'b') })
    await a.call('connect', await b.call<string>('listen'))
    await a.call('fill', count)
    const bytes = await a.call<number>('bytes')
    const before = (await a.cpu()) + (await b.cpu())
    const seconds = await b.call<number>('cold', count)
    const cpuUs = ((await a.cpu()) + (await b.cpu()) - before) / count
    const sent = (await a.call<number>('bytes')) - bytes
    await Promise.all([a.call('close'), b.call('close')])
    return { perSecond: count / seconds, cpuUs, bytes: sent / count }
  } finally {
    await Promise.all([a.stop(), b.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}
