import { expect } from 'chai'
import { gatherTyped } from './gather-typed.ts'
import { testSight } from './page-sight.fixture.ts'

function page(isHidden: boolean) {
  const { sight, listeners, leave } = testSight(isHidden)
  return { listeners, leave, gather: gatherTyped(sight) }
}

describe('gatherTyped()', () => {
  it('runs a moment later, once', async () => {
    const { listeners, gather } = page(false)
    let runs = 0
    await new Promise<void>(resolve => {
      gather(() => {
        runs++
        resolve()
      })
      expect([runs, listeners.size]).deep.equal([0, 1])
    })
    expect([runs, listeners.size]).deep.equal([1, 0])
  })

  it('runs at once when the page is left, and in one that nobody sees', () => {
    const { listeners, leave, gather } = page(false)
    let runs = 0
    gather(() => runs++)
    leave()
    expect([runs, listeners.size]).deep.equal([1, 0])
    page(true).gather(() => runs++)
    expect(runs).equal(2)
  })
})
