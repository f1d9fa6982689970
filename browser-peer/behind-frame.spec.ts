import { expect } from 'chai'
import { behindFrame } from './behind-frame.ts'

interface Bench {
  readonly order: string[]
  readonly frames: (() => void)[]
  readonly tasks: (() => void)[]
  readonly behind: (run: () => void) => void
}

function bench(isHidden: boolean): Bench {
  const frames: (() => void)[] = []
  const tasks: (() => void)[] = []
  const screen = { isHidden: () => isHidden, request: (run: () => void) => frames.push(run) }
  return { order: [], frames, tasks, behind: behindFrame(run => tasks.push(run), screen) }
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

  it('waits for no frame where none is drawn', async () => {
    const { frames, behind } = bench(true)
    behind(() => {})
    expect(frames).length(0)
    const ran = Promise.withResolvers<void>()
    const unseen = { isHidden: () => false, request: () => {} }
    behindFrame(run => run(), unseen)(() => ran.resolve())
    await ran.promise
  })
})
