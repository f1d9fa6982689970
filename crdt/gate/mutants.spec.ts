import { expect } from 'chai'
import fc from 'fast-check'
import { forge, forgedStruct } from './forge.fixture.ts'
import { gate } from './index.ts'
import { checkApplies, mutate, mutation, rules, scene } from './mutants.fixture.ts'
import { type Step, step } from './swarm.fixture.ts'

const NUM_RUNS = 100

describe('mutated updates', function () {
  this.timeout(60_000)

  it('what gate() accepts, Yjs applies, keeps nothing pending of and reads the same after a reload', () => {
    let accepted = 0
    const property = fc.property(
      fc.array(step, { minLength: 4, maxLength: 30 }),
      fc.array(fc.array(mutation, { minLength: 1, maxLength: 3 }), { minLength: 10, maxLength: 10 }),
      (steps: Step[], mutants) => {
        const { doc, update } = scene(steps)
        if (update === undefined) return
        for (const mutations of mutants) {
          const bytes = mutations.reduce(mutate, update)
          if (!gate(doc, bytes, rules).ok) continue
          accepted++
          checkApplies(doc, bytes)
        }
      }
    )
    fc.assert(property, { numRuns: NUM_RUNS })
    // Of 1,000 mutants about 45 are still well-formed; none would mean that nothing is tested
    expect(accepted).to.be.greaterThan(NUM_RUNS / 10)
  })

  it('the same holds for well-formed items in places that nobody could have put them', () => {
    let accepted = 0
    const property = fc.property(
      fc.array(step, { minLength: 4, maxLength: 30 }),
      fc.array(fc.array(forgedStruct, { minLength: 1, maxLength: 4 }), { minLength: 20, maxLength: 20 }),
      (steps: Step[], forgeries) => {
        const { doc } = scene(steps)
        for (const structs of forgeries) {
          const bytes = forge(doc, structs)
          if (!gate(doc, bytes, rules).ok) continue
          accepted++
          checkApplies(doc, bytes)
        }
      }
    )
    fc.assert(property, { numRuns: NUM_RUNS })
    expect(accepted).to.be.greaterThan(NUM_RUNS / 2)
  })
})
