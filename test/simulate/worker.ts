import { optionsOf } from './options.ts'
import { simulate } from './simulation.ts'

/** What the process that runs seeds for another is told, one message a seed; 'end' comes after the last. */
export interface WorkerTask {
  readonly seed: number
  readonly realCrypto: boolean
}

let last: Promise<unknown> = Promise.resolve()

// In the order in which they come: one waits while the one before runs, so that no processor waits for the parent
process.on('message', task => {
  if (task === 'end') {
    void last.then(() => process.disconnect())
    return
  }
  // Its parent made it
  const { seed, realCrypto } = task as WorkerTask
  last = last.then(async () => {
    const result = await simulate(optionsOf(seed, realCrypto ? { realCrypto } : {}))
    await new Promise<void>((resolve, reject) => {
      process.send!(result, undefined, {}, error => (error === null ? resolve() : reject(error)))
    })
  })
})
