import { expect } from 'chai'
import { until } from '../../node/mesh/mesh.fixture.ts'
import { BackOff } from './back-off.ts'
import { Keeper } from './keep-connected.ts'

describe('keeping connected', () => {
  const limits = { reconnectFirstMs: 2, reconnectMaxMs: 8 }

  it('waits longer after each failure, never the same twice, and never longer than the limit', () => {
    const pauses = (random: () => number) => {
      const backOff = new BackOff(100, 1000, random)
      return [1, 2, 3, 4, 5, 6].map(() => backOff.next())
    }
    expect(pauses(() => 1)).to.deep.equal([100, 200, 400, 800, 1000, 1000])
    expect(pauses(() => 0)).to.deep.equal([50, 100, 200, 400, 500, 500])
    const backOff = new BackOff(100, 1000, () => 1)
    backOff.next()
    backOff.next()
    backOff.reset()
    expect(backOff.next()).to.equal(100)
  })

  it('dials until it is connected, and again when the connection is lost', async () => {
    let isConnected = false
    let dials = 0
    const keeper = new Keeper({
      limits,
      isConnected: () => isConnected,
      connect: async () => {
        dials++
        if (dials === 3 || dials === 5) isConnected = true
        else throw new Error('off')
      }
    })
    keeper.start()
    keeper.keep('a')
    keeper.keep('a')
    await until(() => isConnected)
    expect(dials).to.equal(3)
    isConnected = false
    keeper.wake('a')
    await until(() => isConnected)
    expect(dials).to.equal(5)
    keeper.stop()
  })

  it('looks at once when the peer was seen, and never again when it was dropped', async () => {
    let dials = 0
    const slow = { reconnectFirstMs: 60_000, reconnectMaxMs: 60_000 }
    const keeper = new Keeper({
      limits: slow,
      isConnected: () => false,
      connect: async () => {
        dials++
        throw new Error('off')
      }
    })
    keeper.start()
    keeper.keep('a')
    await until(() => dials === 1)
    await Promise.resolve()
    keeper.wake('a', true)
    await until(() => dials === 2)
    keeper.drop('a')
    keeper.wake('a', true)
    await new Promise(resolve => setImmediate(resolve))
    expect(dials).to.equal(2)
  })
})
