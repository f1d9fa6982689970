import { expect } from 'chai'
import { createServer } from '../protocols/core/index.ts'
import { sample } from '../protocols/core/sample.fixture.ts'
import { maxUnsentBytes } from '../protocols/streams/index.ts'
import { defaultLimits, limitRows, limitTable, serverLimits, withLimits } from './limits.ts'

describe('limits', () => {
  it('each have a positive whole value, a unit and a reason that says something', () => {
    for (const { name, value, unit, reason } of limitRows()) {
      expect(value, name).to.be.greaterThan(0)
      expect(Number.isSafeInteger(value), name).to.equal(true)
      expect(unit, name).to.be.a('string')
      expect(reason.length, name).to.be.greaterThan(20)
    }
    expect(limitRows()).to.have.length(Object.keys(limitTable).length)
  })

  it('can be changed one by one, and show the change', () => {
    const limits = withLimits({ maxConnections: 7 })
    expect(limits.maxConnections).to.equal(7)
    expect(limits.streamWindow).to.equal(defaultLimits.streamWindow)
    expect(limitRows(limits).find(({ name }) => name === 'maxConnections')?.value).to.equal(7)
  })

  it('refuse names that do not exist and values that make no sense', () => {
    expect(() => withLimits({ maxConnections: 0 })).to.throw(RangeError)
    expect(() => withLimits({ maxConnections: 1.5 })).to.throw(RangeError)
    const unknown = JSON.parse('{ "maxFriends": 3 }')
    expect(() => withLimits(unknown)).to.throw(RangeError, 'maxFriends')
  })

  it('hold for servers of calls too: three seconds of calls at once, and no longer frame', () => {
    const limits = withLimits({ callsPerPeer: 7, maxFrame: 1000 })
    const expected = { maxFrame: 1000, callsPerPeer: { points: 21, durationMs: 3000 } }
    expect(serverLimits(limits)).to.deep.equal(expected)
    expect(() => createServer({ services: [sample()({})], ...serverLimits(limits) })).to.throw(RangeError)
  })

  it('keep a stream within what its reader and writer may hold', () => {
    expect(defaultLimits.streamWindow).to.be.at.most(1024 * 1024)
    expect(defaultLimits.streamReadBuffer).to.be.at.least(defaultLimits.streamWindow)
    expect(defaultLimits.streamWriteBuffer).to.equal(maxUnsentBytes)
    expect(maxUnsentBytes).to.be.at.most(4 * 1024 * 1024)
    // What waits is a frame under way and the one that is told to wait
    expect(defaultLimits.streamWriteBuffer).to.be.at.least(2 * defaultLimits.maxFrame)
    expect(defaultLimits.maxPendingPerAddress).to.be.lessThan(defaultLimits.maxPendingInbound)
  })
})
