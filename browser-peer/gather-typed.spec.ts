import { expect } from 'chai'
import { gatherTyped } from './gather-typed.ts'

function page(isHidden: boolean) {
  const listeners = new Set<() => void>()
  const sight = {
    isHidden: () => isHidden,
    onLeave: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
  return { listeners, gather: gatherTyped(sight) }
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
    const { listeners, gather } = page(false)
    let runs = 0
    gather(() => runs++)
    for (const leave of listeners) leave()
    expect([runs, listeners.size]).deep.equal([1, 0])
    page(true).gather(() => runs++)
    expect(runs).equal(2)
  })
})
