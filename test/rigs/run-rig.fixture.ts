import { join } from 'node:path'
import { describeExit, Program } from '../harness/program.ts'
import { projectRoot } from '../project.ts'
import type { RigResult } from './rig.ts'

const file = join(projectRoot, 'dist/test/rigs/run.js')
const notRunCode = 3
/** Longer than a spec waits: who is killed leaves processes and networks behind */
const lifeMs = 300_000
const shim = '--import=./node/scripts/node20-shim.mjs'

/** Figures of a rig by name; undefined, with the reason printed, when it cannot run here. Rejects for another exit code. */
export async function runRig(
  name: string,
  args: readonly string[],
  code = 0
): Promise<Map<string, number | string> | undefined> {
  const init = { args: [file, name, ...args, '--json'], cwd: projectRoot, lifeMs }
  const exit = await new Program(shim, init).exited
  const result = JSON.parse(exit.stdout.trim() || '{}') as Partial<RigResult>
  for (const reason of result.notRun ?? []) console.log(`      not run: ${reason}`)
  if (exit.code === notRunCode) return undefined
  if (exit.code !== code) throw new Error(`${name} ${args.join(' ')}: ${describeExit(exit)}`)
  return new Map(result.figures?.map(figure => [figure.name, figure.value]))
}
