// `npm run faults -- kill|powercut|diskfull|ciphertext`: puts a real fault under a real store, and prints what was acknowledged and lost;
// or searches what must see ciphertext only.
import { parseArgs } from 'node:util'
import { ciphertext } from './ciphertext.ts'
import type { Control } from './controls.ts'
import { diskFull } from './disk-full.ts'
import { kill } from './kill.ts'
import { inOwnMounts } from './own-mounts.ts'
import { powerCut } from './power-cut.ts'
import { isRight, NotRun, type Rig, toText } from './rig.ts'

/** Something was lost, or the fault never happened. */
const wrongCode = 1
const usageCode = 2
/** Nothing was shown, neither way. */
const notRunCode = 3

const rigs: Readonly<Record<string, { run: Rig; rounds: number; mounts: boolean }>> = {
  kill: { run: kill, rounds: 1000, mounts: false },
  powercut: { run: powerCut, rounds: 200, mounts: true },
  diskfull: { run: diskFull, rounds: 20, mounts: true },
  ciphertext: { run: ciphertext, rounds: 5, mounts: false }
}
const controls: readonly Control[] = ['early', 'no-sync', 'same-handle', 'reader']

process.exitCode = await main()
// A rig that was broken off leaves handles behind, never work
process.exit()

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return usageCode
  }
  const { rig, options, isJson } = parsed
  try {
    if (rig.mounts) {
      const code = await inOwnMounts()
      if (code !== undefined) return code
    }
    const startedAt = performance.now()
    const result = await rig.run(options)
    const seconds = (performance.now() - startedAt) / 1000
    console.log(isJson ? JSON.stringify(result) : toText(result))
    if (!isJson) console.log(`  took ${seconds.toFixed(0)} s; ${isRight(result) ? 'as it has to be' : 'FAILED'}`)
    return isRight(result) ? 0 : wrongCode
  } catch (error) {
    if (!(error instanceof NotRun)) throw error
    console.log(isJson ? JSON.stringify({ notRun: [error.message] }) : `not run: ${error.message}`)
    return notRunCode
  }
}

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seed: { type: 'string' },
      twins: { type: 'string' },
      control: { type: 'string' },
      json: { type: 'boolean', default: false }
    }
  })
  const [name = '', ...more] = positionals
  if (!Object.hasOwn(rigs, name) || more.length > 0) {
    throw new TypeError(`Which rig? There are ${Object.keys(rigs).join(', ')}`)
  }
  const rig = rigs[name]!
  const control = controls.find(each => each === values.control)
  if (values.control !== undefined && control === undefined) {
    throw new TypeError(`Unknown control ${values.control}; there are ${controls.join(', ')}`)
  }
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : count('seed', values.seed)
  const log = (line: string) => console.error(line)
  const options = {
    rounds: values.rounds === undefined ? rig.rounds : count('rounds', values.rounds),
    twinRounds: values.twins === undefined ? undefined : count('twins', values.twins),
    seed,
    control,
    log
  }
  return { rig, options, isJson: values.json }
}

function count(name: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`--${name} takes a whole number, not ${text}`)
  return Number(text)
}
