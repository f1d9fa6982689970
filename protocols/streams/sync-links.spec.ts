import { expect } from 'chai'
import { silentLogger } from '../core/index.ts'
import { SyncLinks } from './sync-links.ts'

/** Sessions that a spec opens, ends and counts. */
function sessions() {
  const opened: string[] = []
  const waiting: (() => void)[] = []
  let end = () => {}
  return {
    opened,
    end: () => end(),
    /** Resolves when the next session is opened */
    next: () => new Promise<void>(resolve => waiting.push(resolve)),
    run: (peer: string, signal: AbortSignal) =>
      new Promise<void>(resolve => {
        opened.push(peer)
        end = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
        waiting.shift()?.()
      })
  }
}

describe('SyncLinks', () => {
  const init = { self: 'm', log: silentLogger, firstPauseMs: 1, maxPauseMs: 4 }

  it('the lower of two peer ids opens the session, the other waits for it', async () => {
    const { opened, run, next } = sessions()
    const links = new SyncLinks({ ...init, maySync: async () => true, runSession: run })
    const first = next()
    links.connected('a')
    links.connected('z')
    await first
    expect(opened).deep.equal(['z'])
    expect(links.running()).deep.equal(['z'])
    await links.stop()
  })

  it('opens a session again when it ends, and one at a time', async () => {
    const { opened, run, next, end } = sessions()
    const links = new SyncLinks({ ...init, maySync: async () => true, runSession: run })
    let opening = next()
    links.connected('z')
    links.connected('z')
    await opening
    opening = next()
    end()
    await opening
    expect(opened).deep.equal(['z', 'z'])
    await links.stop()
  })

  it('a session is opened again at once when a better path stands, without a pause and without another hello', async () => {
    const { opened, run, next } = sessions()
    const introduced: string[] = []
    const links = new SyncLinks({
      ...init,
      firstPauseMs: 60_000,
      maxPauseMs: 60_000,
      maySync: async () => true,
      introduceAgain: async peer => void introduced.push(peer),
      runSession: run
    })
    links.moved('z')
    let opening = next()
    links.connected('z')
    await opening
    opening = next()
    links.moved('z')
    await opening
    expect(opened).deep.equal(['z', 'z'])
    expect(introduced).deep.equal([])
    await links.stop()
  })

  it('a session that fails is tried again', async () => {
    let tries = 0
    let resolve = () => {}
    const third = new Promise<void>(done => {
      resolve = done
    })
    const links = new SyncLinks({
      ...init,
      maySync: async () => true,
      runSession: async () => {
        if (++tries === 3) resolve()
        if (tries <= 3) throw new Error('broken')
      }
    })
    links.connected('z')
    await third
    await links.stop()
    expect(tries).at.least(3)
  })

  it('introduces itself again before another try when a session ended at once', async () => {
    const steps: string[] = []
    let resolve = () => {}
    const done = new Promise<void>(finish => {
      resolve = finish
    })
    const links = new SyncLinks({
      ...init,
      maySync: async () => true,
      introduceAgain: async peer => {
        steps.push(`hello ${peer}`)
        // What it sets off here: the peer was met
        links.wake(peer)
      },
      runSession: async () => {
        steps.push('session')
        if (steps.length >= 5) resolve()
      }
    })
    links.connected('z')
    await done
    await links.stop()
    expect(steps.slice(0, 5)).deep.equal(['session', 'hello z', 'session', 'hello z', 'session'])
  })

  it('a stranger gets no session until it is somebody to us', async () => {
    let isContact = false
    let asked = () => {}
    const wasAsked = new Promise<void>(resolve => {
      asked = resolve
    })
    const { opened, run, next } = sessions()
    const links = new SyncLinks({
      ...init,
      firstPauseMs: 60_000,
      maxPauseMs: 60_000,
      maySync: async () => {
        asked()
        return isContact
      },
      runSession: run
    })
    links.connected('z')
    await wasAsked
    expect(opened).deep.equal([])
    isContact = true
    const opening = next()
    links.wake()
    await opening
    expect(opened).deep.equal(['z'])
    await links.stop()
  })

  it('stop() and a lost connection end the session and wait for its end', async () => {
    const { run, next } = sessions()
    const links = new SyncLinks({ ...init, maySync: async () => true, runSession: run })
    const opening = next()
    links.connected('z')
    await opening
    links.disconnected('z')
    expect(links.running()).deep.equal([])
    await links.stop()
  })
})
