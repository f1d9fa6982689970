import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeProfile } from './cpu-profile.ts'
import type { BenchOptions, BenchResult } from './report.ts'
import { Side } from './side.ts'

/** Where the processor's time goes on the two hottest paths: calls on a session, and writes that reach another twin. */
export async function profile({ quick }: BenchOptions): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  try {
    const notes: string[] = []
    for (const [name, run] of [
      ['Calls, both ends', profileCalls],
      ['Writes, both ends', profileWrites]
    ] as const) {
      const folder = await mkdtemp(join(dir, 'profile-'))
      await run(folder, quick)
      notes.push(...describeProfile(name, folder))
    }
    return {
      name: 'profile',
      title: 'Profile',
      how: 'Shares of the processor time outside waiting, by package or folder, as `node --cpu-prof` sees it; start of the processes included.',
      figures: [],
      notes
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function startPair(name: string, folder: string): [Side, Side] {
  const execArgv = ['--cpu-prof', `--cpu-prof-dir=${folder}`]
  return [Side.start(name, execArgv), Side.start(name, execArgv)]
}

async function profileCalls(folder: string, quick: boolean): Promise<void> {
  const [a, b] = startPair('calls', folder)
  await a.call('connect', await b.call<string>('listen'))
  await a.call('rateOurs', { count: quick ? 10_000 : 200_000, inFlight: 64 })
  await Promise.all([a.stop(), b.stop()])
}

async function profileWrites(folder: string, quick: boolean): Promise<void> {
  const [a, b] = startPair('writes-ours', folder)
  await a.call('open', { dir: join(folder, 'a') })
  await b.call('open', { dir: join(folder, 'b') })
  await a.call('connect', await b.call<string>('listen'))
  await b.call('accept')
  const count = quick ? 2000 : 50_000
  const arrivals = b.call('all', count)
  await a.call('burst', { from: 0, count, inFlight: 128 })
  await arrivals
  await Promise.all([a.call('close'), b.call('close')])
  await Promise.all([a.stop(), b.stop()])
}
