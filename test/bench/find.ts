import { inParallel, MeshProcesses } from '../harness/mesh.ts'
import type { TwinProcess } from '../harness/twin.ts'
import { type BenchOptions, type BenchResult, emptyRounds, type Figure } from './report.ts'
import { quantile } from './statistics.ts'

const twinCount = 12
const atMost = { kind: 'value', is: 'at most', value: 2000 } as const

/** Any twin finds any other through the DHT, by its id alone, with bootstrap nodes and after they are gone. */
export async function find({ quick, contenders }: BenchOptions): Promise<BenchResult> {
  const figures: Figure[] = []
  const mesh = await MeshProcesses.create()
  try {
    if (contenders.includes('ours')) {
      await mesh.addBootstrap()
      await mesh.addBootstrap()
      const twins = await mesh.addTwins(twinCount)
      // Warm: each has looked up somebody
      for (const [at, twin] of twins.entries()) await twin.object('find', twins[(at + 1) % twinCount]!.id)
      figures.push(...(await lookups('two bootstrap nodes', twins, quick)))
      await Promise.all(mesh.bootstraps.map(({ program }) => program.stop('SIGKILL')))
      figures.push(...(await lookups('both killed', twins, quick)))
    }
  } finally {
    await mesh.stop()
  }
  return {
    name: 'find',
    title: 'Finding',
    how: `${twinCount} twins and two bootstrap nodes, each a process of its own on loopback without mDNS, none told another's address: ${quick ? 'some pairs' : 'every ordered pair'}, one \`twin find\` after the other, once each has looked up one, from the start of the command to its end.`,
    figures
  }
}

async function lookups(when: string, twins: readonly TwinProcess[], quick: boolean): Promise<Figure[]> {
  const pairs = twins.flatMap(from => twins.filter(to => to !== from).map(to => [from, to] as const))
  const times = await inParallel(quick ? pairs.slice(0, 11) : pairs, 1, async ([from, to]) => {
    const begin = performance.now()
    const { id } = await from.object<{ id: string }>('find', to.id)
    if (id !== to.id) throw new Error(`${from.id} found ${id} instead of ${to.id}`)
    return performance.now() - begin
  })
  const [median, slowest] = [emptyRounds(), emptyRounds()]
  median.ours.push(quantile(times, 0.5))
  slowest.ours.push(quantile(times, 1))
  return [
    { name: `${when}, median`, unit: 'ms', rounds: median },
    { name: `${when}, slowest of ${times.length}`, unit: 'ms', rounds: slowest, goal: atMost }
  ]
}
