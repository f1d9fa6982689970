import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'
import { Side } from './side.ts'

/** A blob from one twin to another, against the same chunks down a bare stream between the same two processes. */
export async function blobs({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 64 : 512
  const folder = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const [to, from] = [Side.start('blobs', ['--expose-gc']), Side.start('blobs', ['--expose-gc'])]
  const speed = emptyRounds()
  const quickSpeed = emptyRounds()
  const diskSpeed = emptyRounds()
  const memory = emptyRounds()
  const cpu = emptyRounds()
  try {
    const meeting = await to.call<{ address: string; link: string }>('listen', join(folder, 'to'))
    await to.call('accept', await from.call<[string, string][]>('connect', { ...meeting, dir: join(folder, 'from') }))
    for (let round = -1; round < rounds; round++) {
      for (const who of contenders) {
        const key = `blob-${round}`
        if (who === 'ours') {
          await from.call('put', { key, count })
          await to.call('arrived', key)
        }
        await Promise.all([to.call('watch'), from.call('watch')])
        const before = (await to.cpu()) + (await from.cpu())
        const perSecond = await to.call<number>(
          ...(who === 'ours' ? call('fetch', key) : call('stream', { name: 'floor', count }))
        )
        const grown = await Promise.all([to.call<number>('peak'), from.call<number>('peak')])
        const spent = (await to.cpu()) + (await from.cpu()) - before
        const sameNoise = who === 'floor' ? await to.call<number>('stream', { name: 'quick', count }) : perSecond
        const sameDisk = who === 'floor' ? await to.call<number>('streamToDisk', { dir: folder, count }) : perSecond
        // The first round warms both up
        if (round < 0) continue
        speed[who].push(perSecond / 1e6)
        quickSpeed[who].push(sameNoise / 1e6)
        diskSpeed[who].push(sameDisk / 1e6)
        memory[who].push(Math.max(...grown))
        cpu[who].push(spent / (count / 4))
      }
    }
  } finally {
    await Promise.all([to.stop(), from.stop()])
    await rm(folder, { recursive: true, force: true })
  }
  return {
    name: 'blobs',
    title: 'Blobs',
    how: `A blob of ${count} chunks of 256 KiB, fetched by one whole twin from another: sealed chunks are read from a disk, sent, verified, stored and synced to the other disk, and read there in the clear by a reader that lets go of each piece. The floor is as many bytes in sends of the same size down one bare libp2p stream, out of memory and into nothing (TCP and yamux as they come, with Noise as it comes, then as a twin has it): it seals, hashes and stores nothing and syncs no disk, ours does all of that within the time. Of the third floor the bytes go into a new file that is synced once, at the end; the goal is held against that (decision 0042). The same two processes; memory is by how much the resident set of the larger process grew at most, garbage included.`,
    figures: [
      { name: 'transfer', unit: 'MB/s', rounds: speed },
      { name: 'transfer, the floor with the twin’s Noise', unit: 'MB/s', rounds: quickSpeed },
      {
        name: 'transfer, the floor into a synced file',
        unit: 'MB/s',
        rounds: diskSpeed,
        goal: { kind: 'ratio', is: 'at least', value: 0.9 }
      },
      { name: 'CPU a MiB, both ends', unit: 'µs', rounds: cpu },
      { name: 'memory a transfer', unit: 'MiB', rounds: memory, goal: { kind: 'value', is: 'at most', value: 16 } }
    ]
  }
}

function call(method: string, argument: unknown): [string, unknown] {
  return [method, argument]
}
