import { expect } from 'chai'
import fc from 'fast-check'
import type { LiveItem, Slot } from './item.ts'
import { LiveItems } from './live-items.ts'

const slot: Slot = { key: 'k', items: [], isChanged: false, isAdded: false }
const itemAt = (clock: number): LiveItem => {
  return { slot, kind: 'bytes', value: undefined, time: 0, client: 1, clock, blob: undefined }
}

describe('live items of a client', () => {
  it('are those of a map by clock, in order, whatever comes and goes', () => {
    const clock = fc.nat({ max: 200 })
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: clock }) },
      { weight: 3, arbitrary: fc.record({ remove: clock }) },
      fc.record({ get: clock }),
      fc.record({ from: clock, length: clock })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), steps => {
        const [items, model] = [new LiveItems(), new Map<number, LiveItem>()]
        for (const step of steps) {
          if ('add' in step) {
            const item = itemAt(step.add)
            items.add(item)
            model.set(step.add, item)
          } else if ('remove' in step) {
            items.remove(step.remove)
            model.delete(step.remove)
          } else if ('get' in step) {
            expect(items.get(step.get)).to.equal(model.get(step.get))
          } else {
            const within = [...model.values()]
              .filter(({ clock }) => clock >= step.from && clock < step.from + step.length)
              .sort((a, b) => a.clock - b.clock)
            expect(items.within(step.from, step.length)).to.deep.equal(within)
          }
        }
        for (let at = 0; at <= 201; at++) expect(items.get(at)).to.equal(model.get(at))
      }),
      { numRuns: 300 }
    )
  })

  it('that went leave nothing behind when they are most', () => {
    const items = new LiveItems()
    for (let clock = 0; clock < 1000; clock++) items.add(itemAt(clock))
    for (let clock = 0; clock < 999; clock++) items.remove(clock)
    expect(items.places).lessThan(100)
    expect(items.within(0, 1000).map(({ clock }) => clock)).to.deep.equal([999])
  })
})
