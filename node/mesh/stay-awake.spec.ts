import { expect } from 'chai'
import { StayAwake } from './stay-awake.ts'

describe('staying awake between messages', () => {
  let at: number
  let turns: (() => void)[]
  const make = (processors = 2) => new StayAwake({ processors, now: () => at, soon: turn => turns.push(turn) })

  beforeEach(() => {
    at = 0
    turns = []
  })

  function send(awake: StayAwake, count: number, everyMs: number): void {
    for (let i = 0; i < count; i++) {
      awake.sent()
      at += everyMs
    }
  }

  it('begins with the ninth in a row, and ends when nothing is sent any more', () => {
    const awake = make()
    send(awake, 8, 0.1)
    expect(turns).length(0)
    send(awake, 1, 0.1)
    expect(turns).length(1)
    turns.shift()!()
    expect(turns, 'goes on').length(1)
    at += 0.05
    turns.shift()!()
    expect(turns, 'is over').length(0)
  })

  it('turns once at a time, however much is sent', () => {
    const awake = make()
    send(awake, 1000, 0.001)
    expect(turns).length(1)
  })

  it('begins again only when as many follow one another again', () => {
    const awake = make()
    send(awake, 9, 0.1)
    at += 1
    turns.shift()!()
    send(awake, 8, 0.1)
    expect(turns).length(0)
    send(awake, 1, 0.1)
    expect(turns).length(1)
  })

  it('never does for whoever sends less often, nor where there is one processor', () => {
    const seldom = make()
    send(seldom, 1000, 0.2)
    const alone = make(1)
    send(alone, 1000, 0.001)
    expect(turns).length(0)
  })
})
