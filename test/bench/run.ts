import { writeBenchPage } from './bench-page.ts'
import { blobs } from './blobs.ts'
import { browser } from './browser.ts'
import { calls } from './calls.ts'
import { cold } from './cold.ts'
import { find } from './find.ts'
import { growth, restart } from './growth.ts'
import { milestone } from './milestone.ts'
import { notes } from './notes.ts'
import { profile } from './profile.ts'
import { receive } from './receive.ts'
import { type BenchOptions, type BenchResult, type Contender, describeMachine, toMarkdown } from './report.ts'
import { start } from './start.ts'
import { store } from './store.ts'
import { trace } from './trace.ts'
import { writes } from './writes.ts'

type Bench = (options: BenchOptions) => Promise<BenchResult>

const benches: Readonly<Record<string, Bench>> = {
  calls,
  writes,
  cold,
  receive,
  blobs,
  store,
  growth,
  restart,
  milestone,
  trace,
  notes,
  browser,
  find,
  start,
  profile
}

/** Order of the page. */
const titles = [
  'Calls',
  'Writes',
  'Cold sync',
  'Receiving',
  'Blobs',
  'Store',
  'Growth',
  'Restart',
  'Cold sync from a milestone',
  'Editing trace',
  'Co-editing',
  'Browser',
  'Finding',
  'Start',
  'Profile'
]

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
const sections = new Map<string, string>()
for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  const result = await bench({ rounds: quick ? 1 : 5, quick, contenders })
  const text = `${toMarkdown(result)}\nMeasured on ${machine}.\n`
  console.log(text)
  sections.set(result.title, text)
  if (!quick && contenders.length === 2) writeBenchPage(sections, titles)
}
