import { expect } from 'chai'
import { defaultLimits, limitRows, limitTable, withLimits } from './limits.ts'

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

  it('keep a stream within what its reader and writer may hold', () => {
    expect(defaultLimits.streamWindow).to.be.at.most(1024 * 1024)
    expect(defaultLimits.streamReadBuffer).to.be.at.least(defaultLimits.streamWindow)
    expect(defaultLimits.streamWriteBuffer).to.be.at.most(4 * 1024 * 1024)
    expect(defaultLimits.maxPendingPerAddress).to.be.lessThan(defaultLimits.maxPendingInbound)
  })
})
