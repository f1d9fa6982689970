import { gate } from '../../crdt/gate/index.ts'
import { checkApplies, rules, scene } from '../../crdt/gate/mutants.fixture.ts'
import type { Step } from '../../crdt/gate/swarm.fixture.ts'
import { seededRandom } from '../bench/statistics.ts'
import type { FuzzTargetFactory } from './target.ts'

const actions: readonly Step['action'][] = [
  'text',
  'list',
  'map',
  'tree',
  'nest',
  'delete',
  'format',
  'undo',
  'receive',
  'receive'
]
let made = 0

/** The gate itself: what it accepts applies, leaves nothing pending, reads the same after a reload and beside what others wrote. */
export const gateTarget: FuzzTargetFactory = {
  name: 'gate',
  lifeFrames: 2000,
  make: async () => {
    for (;;) {
      const random = seededRandom(++made)
      const nat = (below: number) => Math.floor(random() * below)
      const steps = Array.from({ length: 5 + nat(25) }, () => ({
        replica: nat(3),
        action: actions[nat(actions.length)]!,
        at: nat(1000),
        size: 1 + nat(5)
      }))
      const { doc, update } = scene(steps)
      if (update === undefined) continue
      const frame = (bytes: Uint8Array): void => {
        if (gate(doc, bytes, rules).ok) checkApplies(doc, bytes)
      }
      return { name: 'gate', seeds: [update], frame, isAlive: async () => frame(update), stop: async () => {} }
    }
  }
}
