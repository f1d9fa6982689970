// `npm run simulate -- --seeds N [--seed FIRST] [--real-crypto] [--workers N] [--trace]`
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { addCounts, missingInAll, newCounts } from './counts.ts'
import { optionsOf } from './options.ts'
import { type SimulationResult, simulate } from './simulation.ts'
import type { WorkerTask } from './worker.ts'

/** Seeds that one process takes: the first ones cost twice as much as those after them, and memory starts anew at times. */
const portion = 2500
/** A young generation that is large enough for what lives as long as a message (MB) */
const semiSpaceMb = 32
const shownFailures = 5

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    'real-crypto': { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false }
  }
})
const [count, first, workers] = [values.seeds, values.seed, values.workers].map(readNumber) as [number, number, number]
const realCrypto = values['real-crypto']
/** Seeds that a process has been given: the one that runs, and the next where there are many. */
const ahead = count >= 4 * workers ? 2 : 1
const start = performance.now()
const counts = newCounts()
let failures = 0
let done = 0

if (values.trace) {
  const result = await simulate(optionsOf(first, realCrypto ? { realCrypto } : {}), line => console.log(line))
  note(result)
} else await runAll()
finish()

async function runAll(): Promise<void> {
  let next = first
  /** Given to a process that ended before their turn */
  const again: number[] = []
  const isLeft = () => again.length > 0 || next < first + count
  const take = () => again.pop() ?? (isLeft() ? next++ : undefined)
  const work = async () => {
    while (isLeft()) again.push(...(await runWorker(take)))
  }
  await Promise.all(Array.from({ length: Math.min(workers, count) }, work))
}

/** One process, until nothing is left to do, it has done its portion, or a seed ends it; answers what it was given and did not begin. */
function runWorker(take: () => number | undefined): Promise<number[]> {
  const execArgv = [...process.execArgv, `--max-semi-space-size=${semiSpaceMb}`]
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], { execArgv })
  const given: number[] = []
  let taken = 0
  let isEnding = false
  const give = () => {
    const seed = taken < portion ? take() : undefined
    if (seed === undefined) {
      // In the order of what it was told before; it is the worker that closes the channel
      if (!isEnding) child.send('end')
      isEnding = true
      return
    }
    taken++
    given.push(seed)
    child.send({ seed, realCrypto } satisfies WorkerTask)
  }
  child.on('message', result => {
    given.shift()
    // Its own process made it
    note(result as SimulationResult)
    give()
  })
  for (let index = 0; index < ahead; index++) give()
  return new Promise(resolve => {
    child.on('close', code => {
      if (given.length > 0) {
        failures++
        console.error(`Seed ${given[0]} ended its process with code ${code}`)
        console.error(`Again: npm run simulate -- --seeds 1 --seed ${given[0]}${flags()}`)
      }
      resolve(given.slice(1))
    })
  })
}

function note({ options, violations, counts: more, hash, healedMs }: SimulationResult): void {
  addCounts(counts, more)
  done++
  if (count <= 10)
    console.log(`seed ${options.seed}: event log ${hash}, same again after ${healedMs.toFixed(0)} ms without faults`)
  if (violations.length > 0) {
    failures++
    if (failures <= shownFailures) {
      console.error(`Seed ${options.seed} failed:\n  ${violations.join('\n  ')}`)
      console.error(`  ${JSON.stringify(options)}`)
      console.error(`  Again: npm run simulate -- --seeds 1 --seed ${options.seed}${flags()} [--trace]`)
    }
  }
  if (done % 500 === 0 && done < count) console.log(`${done} of ${count} seeds, ${failures} failed, ${seconds()} s`)
}

function finish(): void {
  const missing = values.trace ? [] : missingInAll(counts, done)
  for (const fault of missing) console.error(`Never happened in ${done} seeds: ${fault}`)
  console.log(
    `${done} seeds${realCrypto ? ' with real cryptography' : ''}, ${seconds()} s on ${workers} processes: ${counts.events} events, ` +
      `${counts.acknowledged} acknowledged writes, ${counts.crashes} crashes, ${counts.partitions} partitions ` +
      `(${counts.oneWayPartitions} one-way), ${counts.messagesLost} of ${counts.messages} messages lost, ` +
      `${counts.duplicates} duplicates, ${counts.failedWrites} failed writes, ${counts.droppedEntries} entries dropped by ` +
      `${counts.compactions} compactions; ${counts.diverged} diverged, ${counts.lost} lost, ` +
      `${failures} failed`
  )
  process.exitCode = failures > 0 || missing.length > 0 || (!values.trace && done < count) ? 1 : 0
}

function seconds(): string {
  return ((performance.now() - start) / 1000).toFixed(0)
}

function flags(): string {
  return realCrypto ? ' --real-crypto' : ''
}

function readNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) {
    console.error(`Expected a whole number from 1 on, found ${text}`)
    process.exit(2)
  }
  return number
}
