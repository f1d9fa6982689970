import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEditingTrace } from './editing-trace.ts'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'
import { editsPerTick } from './type-edits.ts'

interface Typed {
  readonly begin: bigint
  readonly count: number
  readonly text: string
}

interface Other {
  readonly twin: Uint8Array
  readonly records: Uint8Array[]
  readonly address: string
}

/** Keystrokes of a paper typed on A until B shows the same text from its own disk. */
export async function trace({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const limit = quick ? 20_000 : 259_778
  const { name, edits } = readEditingTrace(limit)
  const [rate, cpu] = [emptyRounds(), emptyRounds()]
  const length = edits.reduce((sum, [, deletions, text]) => sum + text.length - deletions, 0)
  for (let round = 0; round < rounds; round++) {
    for (const who of contenders) {
      const measured = who === 'floor' ? await typeBare(limit) : await typeShared(limit, length)
      rate[who].push(measured.perSecond)
      cpu[who].push(measured.cpuUs)
    }
  }
  return {
    name: 'trace',
    title: 'Editing trace',
    how: `${edits.length.toLocaleString('en')} operations, ${name}, one transaction each, ${editsPerTick} a tick of the event loop. Ours is typed into a shared document on A, stored, signed and sealed there, sent, gated and stored on B until both texts are equal; the floor types into a bare Yjs document in one process and does nothing else.`,
    figures: [
      { name: 'typed, end to end', unit: 'edits/s', rounds: rate, goal: { kind: 'ratio', is: 'at least', value: 0.5 } },
      { name: 'CPU an edit, all processes', unit: 'µs', rounds: cpu }
    ]
  }
}

async function typeBare(limit: number): Promise<{ perSecond: number; cpuUs: number }> {
  const side = Side.start('trace-floor')
  try {
    const before = await side.cpu()
    const { perSecond, count } = await side.call<{ perSecond: number; count: number }>('type', limit)
    return { perSecond, cpuUs: ((await side.cpu()) - before) / count }
  } finally {
    await side.stop()
  }
}

async function typeShared(limit: number, length: number): Promise<{ perSecond: number; cpuUs: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [a, b] = [Side.start('trace-ours'), Side.start('trace-ours')]
  try {
    const one = await a.call<Other>('open', { dir, role: 'a' })
    const other = await b.call<Other>('open', { dir, role: 'b' })
    await a.call('meet', other)
    await b.call('meet', one)
    await a.call('share', other)
    await b.call('wait')
    const before = (await a.cpu()) + (await b.cpu())
    const became = b.call<{ at: bigint; text: string }>('became', length)
    const typed = await a.call<Typed>('type', limit)
    const { at, text } = await became
    if (text !== typed.text) throw new Error('The two texts differ')
    const cpuUs = ((await a.cpu()) + (await b.cpu()) - before) / typed.count
    await Promise.all([a.call('close'), b.call('close')])
    return { perSecond: (typed.count / Number(at - typed.begin)) * 1e9, cpuUs }
  } finally {
    await Promise.all([a.stop(), b.stop()])
    await rm(dir, { recursive: true, force: true })
  }
}
