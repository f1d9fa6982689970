// `npm run hostile [-- --updates N --seed N]`: what the gate refuses, what it lets through, and what that costs. Ends with 1 when
// a hostile update passes, an honest one does not, or a flood costs more the longer it is.
import { parseArgs } from 'node:util'
import { hostileUpdates, victim } from '../../crdt/gate/corpus.fixture.ts'
import { gate } from '../../crdt/gate/index.ts'
import { rules } from '../../crdt/gate/poisons.fixture.ts'
import { median, quantile } from '../bench/statistics.ts'
import { honestSpaces } from './honest-spaces.ts'
import { type Judged, randomEditing, typedTrace } from './honest-swarm.ts'
import { gapFlood, worstCases } from './worst-case.ts'

const { values } = parseArgs({
  options: { updates: { type: 'string', default: '100000' }, seed: { type: 'string', default: '20260101' } }
})
const [updates, seed] = [Number(values.updates), Number(values.seed)]
const failures: string[] = []
const number = (value: number, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits })

const corpus = hostileUpdates()
const passed = corpus.filter(({ bytes }) => gate(victim(), bytes, rules).ok)
console.log(
  `hostile corpus      ${corpus.length} updates, ${number((1 - passed.length / corpus.length) * 100, 2)} % refused`
)
for (const { name } of passed) failures.push(`accepted: ${name}`)

const honest = [randomEditing(updates, seed), typedTrace(updates)]
for (const judged of honest) report(judged)
const spaces = await honestSpaces(Math.ceil(updates / 20), seed)
console.log(
  `honest, in spaces   ${number(spaces.updates)} entries received of texts, diaries and kv by 3 twins, ${spaces.refused.length} logs with something refused`
)
failures.push(...spaces.refused.map(log => `refused of an honest log: ${log}`))

const floods = [1000, 4000, 16_000].map(count => [count, gapFlood(count)] as const)
console.log(
  `gap flood           ${floods.map(([count, cost]) => `${number(count)} updates ${number(cost, 3)} ms CPU a KiB`).join(', ')}`
)
// Four times as long may cost twice as much a byte on a busy machine; what is quadratic costs four times as much
if (floods.at(-1)![1] > floods[0]![1] * 4) failures.push('a gap flood costs more the longer it is')

console.log('worst case of one update')
for (const { name, bytes, verdict, gateMs, applyMs } of worstCases()) {
  const apply = applyMs === undefined ? '' : `, applied in ${number(applyMs, 1)} ms`
  console.log(`  ${name}: ${number(bytes)} bytes, ${verdict} in ${number(gateMs, 1)} ms${apply}`)
}
for (const failure of failures.slice(0, 20)) console.error(`FAILED ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

function report({ what, updates: count, refused, microseconds }: Judged): void {
  const times = `gate median ${number(median(microseconds), 1)} µs, p99 ${number(quantile(microseconds, 0.99), 1)} µs`
  console.log(`honest updates      ${number(count)} of ${what}, ${refused.length} refused; ${times}`)
  failures.push(...refused.map(reason => `refused of ${what}: ${reason}`))
}
