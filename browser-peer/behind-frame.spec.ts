import { expect } from 'chai'
import { behindFrame } from './behind-frame.ts'
import { testSight } from './page-sight.fixture.ts'

function bench(isHidden: boolean) {
  const { sight, frames, leave } = testSight(isHidden)
  const order: string[] = []
  const tasks: (() => void)[] = []
  return { order, frames, tasks, leave, behind: behindFrame(run => tasks.push(run), sight) }
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

  it('waits for no frame and no task when the page is left', async () => {
    const { order, frames, tasks, leave, behind } = bench(false)
    behind(() => order.push('run'))
    leave()
    await undefined
    frames[0]!()
    leave()
    expect([tasks.length, order]).deep.equal([0, ['run']])
  })

  it('waits for no frame where none is drawn', async () => {
    const { order, frames, tasks, behind } = bench(true)
    behind(() => order.push('run'))
    await undefined
    expect([frames.length, tasks.length, order]).deep.equal([0, 0, ['run']])
    const ran = Promise.withResolvers<void>()
    behindFrame(run => run(), testSight().sight)(() => ran.resolve())
    await ran.promise
  })
})
