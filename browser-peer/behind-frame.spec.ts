import { expect } from 'chai'
import { behindFrame } from './behind-frame.ts'

interface Bench {
  readonly order: string[]
  readonly frames: (() => void)[]
  readonly tasks: (() => void)[]
  readonly leave: () => void
  readonly behind: (run: () => void) => void
}

function bench(isHidden: boolean): Bench {
  const frames: (() => void)[] = []
  const tasks: (() => void)[] = []
  const listeners = new Set<() => void>()
  const sight = {
    isHidden: () => isHidden,
    onLeave: (listener: () => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    request: (run: () => void) => frames.push(run)
  }
  const leave = () => {
    for (const listener of listeners) listener()
  }
  return { order: [], frames, tasks, leave, behind: behindFrame(run => tasks.push(run), sight) }
}

describe('behindFrame()', () => {
  it('runs in the task behind the frame that is drawn next, once', () => {
    const { order, frames, tasks, behind } = bench(false)
    behind(() => order.push('run'))
    expect(tasks).length(0)
    frames[0]!()
    expect(order).deep.equal([])
    for (const task of tasks) task()
    frames[0]!()
    expect([tasks.length, order]).deep.equal([1, ['run']])
  })

  it('waits for no frame when the page is left', () => {
    const { frames, tasks, leave, behind } = bench(false)
    behind(() => {})
    leave()
    expect(tasks).length(1)
    frames[0]!()
    leave()
    expect(tasks).length(1)
  })

  it('waits for no frame where none is drawn', async () => {
    const { frames, behind } = bench(true)
    behind(() => {})
    expect(frames).length(0)
    const ran = Promise.withResolvers<void>()
    const unseen = { isHidden: () => false, onLeave: () => () => {}, request: () => {} }
    behindFrame(run => run(), unseen)(() => ran.resolve())
    await ran.promise
  })
})
