import { optionsOf } from './options.ts'
import { type SimulationResult, simulate } from './simulation.ts'

/** What the process that runs seeds for another is asked for, by its first argument. */
export interface WorkerTask {
  readonly seeds: readonly number[]
  readonly realCrypto: boolean
}

/** Runs seeds one after the other and hands every result to the parent. */
async function work({ seeds, realCrypto }: WorkerTask): Promise<void> {
  for (const seed of seeds) await tell(await simulate(optionsOf(seed, realCrypto ? { realCrypto } : {})))
}

function tell(result: SimulationResult): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(result, undefined, {}, error => (error === null ? resolve() : reject(error)))
  })
}

await work(JSON.parse(process.argv[2]!) as WorkerTask)
process.disconnect()
