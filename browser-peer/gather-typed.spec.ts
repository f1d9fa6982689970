import { expect } from 'chai'
import { ManualClock } from '../protocols/core/manual-clock.fixture.ts'
import { gatherTyped } from './gather-typed.ts'
import { testSight } from './page-sight.fixture.ts'

function page(isHidden = false) {
  const { sight, listeners, leave } = testSight(isHidden)
  const clock = new ManualClock()
  let runs = 0
  const typed = gatherTyped({ sight, clock })(() => runs++)
  return { clock, listeners, leave, typed, runs: () => runs }
}

describe('gatherTyped()', () => {
  it('runs once for all that is typed without a pause', async () => {
    const { clock, listeners, typed, runs } = page()
    for (let letter = 0; letter < 5; letter++) {
      typed()
      await clock.advance(199)
    }
    expect([runs(), listeners.size]).deep.equal([0, 1])
    await clock.advance(1)
    expect([runs(), listeners.size]).deep.equal([1, 0])
    await clock.advance(5000)
    expect(runs()).equal(1)
  })

  it('runs right behind a letter once the first has waited for a second, however fast the next ones come', async () => {
    const { clock, typed, runs } = page()
    for (let at = 0; at < 1000; at += 100) {
      typed()
      await clock.advance(100)
    }
    for (let at = 0; at < 40; at += 10) {
      expect(runs()).equal(0)
      typed()
      await clock.advance(10)
    }
    expect(runs()).equal(1)
    // The next group has a second of its own
    typed()
    await clock.advance(199)
    expect(runs()).equal(1)
  })

  it('runs at once when the page is left, and in one that nobody sees', async () => {
    const { clock, listeners, leave, typed, runs } = page()
    typed()
    leave()
    expect([runs(), listeners.size]).deep.equal([1, 0])
    await clock.advance(5000)
    expect(runs()).equal(1)
    const hidden = page(true)
    hidden.typed()
    expect([hidden.runs(), hidden.listeners.size]).deep.equal([1, 0])
  })
})
