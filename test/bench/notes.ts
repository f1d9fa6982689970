import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchOptions, type BenchResult, emptyRounds, type Rounds } from './report.ts'
import { Side } from './side.ts'
import { quantile } from './statistics.ts'

interface Other {
  readonly twin: Uint8Array
  readonly records: Uint8Array[]
  readonly address: string
}

/** Between two keystrokes, in ms: each is a tick, an entry and a group commit of its own. */
const pauseMs = 4

/** Keystrokes of one person until another sees them in the same note. */
export async function notes({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 500 : 3000
  const [p50, p99, cpu] = [emptyRounds(), emptyRounds(), emptyRounds()]
  for (let round = 0; round < rounds; round++) {
    for (const who of contenders) {
      const { times, cpuUs } = await typed(who, count)
      p50[who].push(quantile(times, 0.5))
      p99[who].push(quantile(times, 0.99))
      cpu[who].push(cpuUs)
    }
  }
  const toScreen = (name: string, figures: Rounds) => ({
    name,
    unit: 'µs',
    rounds: figures,
    goal: { kind: 'ratio', is: 'at most', value: 1.3 } as const
  })
  return {
    name: 'notes',
    title: 'Co-editing',
    how: `${count.toLocaleString('en')} keystrokes into a note on A, one each ${pauseMs} ms, until an editor on B shows each. Ours is signed, sealed and synced to disk on A, gated on B, where it shows while it is being stored; the floor is bare Yjs updates over one libp2p stream over the same transport, shown as they come and stored nowhere. Fresh processes and stores in every round.`,
    figures: [
      toScreen('keystroke to the other screen, p50', p50),
      toScreen('keystroke to the other screen, p99', p99),
      { name: 'CPU a keystroke, both ends', unit: 'µs', rounds: cpu }
    ]
  }
}

async function typed(who: 'floor' | 'ours', count: number): Promise<{ times: number[]; cpuUs: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [a, b] = [Side.start(`notes-${who}`), Side.start(`notes-${who}`)]
  try {
    const one = await a.call<Other>('open', { dir: join(dir, 'a') })
    const other = await b.call<Other>('open', { dir: join(dir, 'b') })
    await a.call('meet', other)
    await b.call('meet', one)
    await a.call('connect', other)
    await b.call('wait')
    const before = (await a.cpu()) + (await b.cpu())
    const shown = b.call<bigint[]>('shown', count)
    const begun = await a.call<bigint[]>('type', { count, pauseMs })
    const seen = await shown
    const cpuUs = ((await a.cpu()) + (await b.cpu()) - before) / count
    await Promise.all([a.call('close'), b.call('close')])
    return { times: begun.map((at, index) => Number(seen[index]! - at) / 1000), cpuUs }
  } finally {
    await Promise.all([a.stop(), b.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}
