import { Random } from './random.ts'
import type { SimulationOptions } from './world.ts'

/** Everything that a seed decides and the caller has not: each seed has a character of its own. */
export function optionsOf(seed: number, chosen: Partial<SimulationOptions> = {}): SimulationOptions {
  const random = new Random(seed, 1)
  const decided = {
    breaking: random.pick([1, 0.5, 0.15]),
    chords: random.pick([0, 1, 2, 4, 20]),
    crashEveryMs: random.pick([150, 300, 600]),
    diskFailure: random.pick([0, 0, 0.002, 0.01]),
    fullDisks: random.pick([0, 0, 1, 3]),
    stepMs: random.pick([15, 25, 40])
  }
  return {
    seed,
    realCrypto: false,
    twins: 8,
    partitions: 10,
    steps: 150,
    loss: 0.3,
    disksSync: true,
    ...decided,
    ...chosen
  }
}
