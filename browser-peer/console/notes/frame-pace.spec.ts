import { expect } from 'chai'
import { FramePace } from './frame-pace.ts'

describe('what others do in a note', () => {
  it('is drawn at once, and what comes until the next frame once, before that', () => {
    const frames: (() => void)[] = []
    let drawn = 0
    const pace = new FramePace(() => drawn++, { request: run => frames.push(run), cancel: () => frames.splice(0) })
    pace.ask()
    expect(drawn).equal(1)
    for (let more = 0; more < 100; more++) pace.ask()
    expect([drawn, frames.length]).deep.equal([1, 1])
    frames.shift()!()
    expect([drawn, frames.length]).deep.equal([2, 1])
    frames.shift()!()
    expect([drawn, frames.length]).deep.equal([2, 0])
    pace.ask()
    pace.ask()
    expect(drawn).equal(3)
    pace.stop()
    expect(frames).deep.equal([])
  })
})
