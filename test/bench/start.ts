import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Program } from '../harness/program.ts'
import { TwinProcess, twinFile } from '../harness/twin.ts'
import { projectRoot } from '../project.ts'
import { type BenchOptions, type BenchResult, emptyRounds } from './report.ts'

/** From a command line to its answer, and from `twin start` to listening, in fresh processes. */
export async function start({ rounds, quick, contenders }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'twinmesh-bench-'))
  const twin = new TwinProcess({ home: join(folder, 'twin') })
  const other = new TwinProcess({ home: join(folder, 'other') })
  const [cold, listening] = [emptyRounds(), emptyRounds()]
  const repeats = quick ? 1 : rounds * 3
  try {
    const floorFile = await bundleFloor(folder)
    if (contenders.includes('ours')) {
      for (const home of [twin, other]) await home.init()
      await twin.start()
      await twin.object('kv', 'put', 'colour', 'red')
    }
    for (let round = -1; round < repeats; round++) {
      const measured = { cold: emptyRounds(), listening: emptyRounds() }
      for (const who of contenders) {
        if (who === 'floor') {
          measured.cold.floor.push(await timeOf(() => new Program('-e', { args: ['0'] }).exited))
          const program = new Program(floorFile, { args: [join(folder, `floor-${round}`)] })
          measured.listening.floor.push(await timeOf(() => program.waitForJson()))
          await program.stop('SIGKILL')
        } else {
          const args = ['kv', 'get', 'colour', '--json', '--home', twin.home]
          measured.cold.ours.push(await timeOf(() => new Program(twinFile, { args }).exited))
          measured.listening.ours.push(await timeOf(() => other.start()))
          await other.stop()
        }
      }
      // The first round fills the caches of the disk
      if (round < 0) continue
      for (const who of contenders) {
        cold[who].push(...measured.cold[who])
        listening[who].push(...measured.listening[who])
      }
    }
  } finally {
    await Promise.all([twin.stop(), other.stop()])
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
  return {
    name: 'start',
    title: 'Start',
    how: `Fresh processes, ${repeats} times each. \`twin kv get\` against a running twin is held against \`node -e 0\`; \`twin start\` until it prints its addresses against a libp2p node with the same modules (TCP, WebSockets, WebRTC, relay, DHT, identify, ping, DCUtR, AutoNAT, Level, Yjs), bundled the same way. A twin keeps its compiled code once it runs and uses it at the next start, as here.`,
    figures: [
      { name: '`twin kv get`, cold', unit: 'ms', rounds: cold, goal: { kind: 'ratio', is: 'at most', value: 2 } },
      {
        name: '`twin start` to listening',
        unit: 'ms',
        rounds: listening,
        goal: { kind: 'ratio', is: 'at most', value: 1.25 }
      }
    ]
  }
}

async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await run()
  return performance.now() - begin
}

/** The bundle lies in the project, so that native modules are found beside it. */
async function bundleFloor(folder: string): Promise<string> {
  const outfile = join(projectRoot, '.build', `start-floor-${folder.slice(-6)}.mjs`)
  const shim = await readFile(join(projectRoot, 'node/scripts/node20-shim.mjs'), 'utf8')
  await build({
    stdin: {
      contents: "import 'shim'\nimport './test/bench/start-floor.ts'\n",
      resolveDir: projectRoot,
      sourcefile: 'entry.ts',
      loader: 'ts'
    },
    plugins: [
      {
        name: 'shim',
        setup: builder => {
          // The package says that its modules have no effects; this one is all effect
          const entry = join(projectRoot, 'test/bench/start-floor.ts')
          builder.onResolve({ filter: /start-floor/ }, () => ({ path: entry, sideEffects: true }))
          builder.onResolve({ filter: /^shim$/ }, () => ({ path: 'shim', namespace: 'shim' }))
          builder.onLoad({ filter: /.*/, namespace: 'shim' }, () => ({ contents: shim, resolveDir: projectRoot }))
        }
      }
    ],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    external: ['classic-level', 'node-datachannel', '@node-datachannel/*', 'bufferutil', 'utf-8-validate'],
    conditions: ['node', 'import'],
    logLevel: 'warning'
  })
  return outfile
}
