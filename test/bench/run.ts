import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project.ts'
import { calls } from './calls.ts'
import { cold } from './cold.ts'
import { type BenchOptions, type BenchResult, type Contender, describeMachine, toMarkdown } from './report.ts'
import { start } from './start.ts'
import { store } from './store.ts'
import { trace } from './trace.ts'
import { writes } from './writes.ts'

type Bench = (options: BenchOptions) => Promise<BenchResult>

const benches: Readonly<Record<string, Bench>> = { calls, writes, cold, store, trace, start }

const args = process.argv.slice(2)
const quick = args.includes('--quick')
const contenders: readonly Contender[] = args.includes('--floor') ? ['floor'] : ['floor', 'ours']
const names = args.filter(arg => !arg.startsWith('-'))
const unknown = names.filter(name => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`Unknown bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

const machine = describeMachine()
console.log(`${machine}${quick ? '; quick: figures are not medians worth keeping' : ''}\n`)
const pages: string[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  const page = toMarkdown(await bench({ rounds: quick ? 1 : 5, quick, contenders }))
  console.log(page)
  pages.push(page)
}

if (!quick && contenders.length === 2 && names.length === 0) {
  const intro = [
    '# Benches',
    '',
    'Written by `npm run bench`. Floor and ours take turns in one run; each figure is the median of five rounds. Ratios',
    'carry over to other machines, absolute figures do not.',
    '',
    `Machine: ${machine}.`,
    ''
  ].join('\n')
  writeFileSync(join(projectRoot, 'docs/bench.md'), `${intro}\n${pages.join('\n')}`)
}
