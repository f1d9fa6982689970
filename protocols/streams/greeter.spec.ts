import { expect } from 'chai'
import { ProtocolError, silentLogger } from '../core/index.ts'
import { type GreetedConnection, Greeter } from './greeter.ts'

/** A connection with a peer that answers when the spec says so. */
function connection(id: string, direction: 'inbound' | 'outbound' = 'outbound'): GreetedConnection {
  return { id, direction, remotePeer: { toString: () => 'peer' } }
}

/** Hellos that were said, each settled by the spec. */
function door() {
  const said: string[] = []
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = []
  const waiting: (() => void)[] = []
  return {
    said,
    answers,
    next: () => new Promise<void>(resolve => waiting.push(resolve)),
    greet: ({ id }: GreetedConnection, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        said.push(id)
        answers.push({ resolve, reject })
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        waiting.shift()?.()
      })
  }
}

describe('Greeter', () => {
  it('says hello on every connection that was dialled, and on none that came in', () => {
    const { said, greet } = door()
    const greeter = new Greeter({ log: silentLogger, greet })
    greeter.opened(connection('first'))
    greeter.opened(connection('second'))
    greeter.opened(connection('theirs', 'inbound'))
    expect(said).deep.equal(['first', 'second'])
    greeter.stop()
  })

  it('says hello on a new connection although an older one was answered', async () => {
    const { said, greet, answers } = door()
    const greeter = new Greeter({ log: silentLogger, greet })
    greeter.opened(connection('first'))
    answers[0]!.resolve()
    await greeter.settled('peer')
    greeter.opened(connection('second'))
    greeter.closed(connection('first'))
    expect(said).deep.equal(['first', 'second'])
    greeter.stop()
  })

  it('tries again while the connection stands, and not on one that closed', async () => {
    const { said, greet, answers, next } = door()
    const greeter = new Greeter({ log: silentLogger, greet, firstPauseMs: 1, maxPauseMs: 1 })
    greeter.opened(connection('stands'))
    greeter.opened(connection('closes'))
    const again = next()
    answers[0]!.reject(new ProtocolError('DeadlineExceeded', 'Busy'))
    greeter.closed(connection('closes'))
    await again
    expect(said).deep.equal(['stands', 'closes', 'stands'])
    greeter.stop()
  })

  it('leaves alone who has no hello', async () => {
    const { said, greet, answers, next } = door()
    const greeter = new Greeter({ log: silentLogger, greet, firstPauseMs: 1, maxPauseMs: 1 })
    greeter.opened(connection('meeting point'))
    answers[0]!.reject(new ProtocolError('Unimplemented', 'No such protocol'))
    await greeter.settled('peer')
    greeter.opened(connection('twin'))
    const again = next()
    answers[1]!.reject(new ProtocolError('Unavailable', 'Not now'))
    await again
    expect(said).deep.equal(['meeting point', 'twin', 'twin'])
    greeter.stop()
  })

  it('again() says hello on a connection that came in too, and joins one that is under way', async () => {
    const { said, greet, answers } = door()
    const greeter = new Greeter({ log: silentLogger, greet })
    const theirs = connection('theirs', 'inbound')
    const both = Promise.all([greeter.again(theirs), greeter.again(theirs)])
    answers[0]!.resolve()
    await both
    expect(said).deep.equal(['theirs'])
    greeter.stop()
  })

  it('settled() waits for the first answer or failure and never rejects', async () => {
    const { greet, answers } = door()
    const greeter = new Greeter({ log: silentLogger, greet, firstPauseMs: 60_000 })
    greeter.opened(connection('first'))
    let isSettled = false
    const settled = greeter.settled('peer').then(() => {
      isSettled = true
    })
    await Promise.resolve()
    expect(isSettled).equal(false)
    answers[0]!.reject(new Error('broken'))
    await settled
    await greeter.settled('nobody')
    expect(isSettled).equal(true)
    greeter.stop()
  })
})
