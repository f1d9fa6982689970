import { expect } from 'chai'
import * as limits from './limits.ts'

describe('limits of sync', () => {
  it('are all in the table, each with what it is for', () => {
    const { syncLimits, ...constants } = limits
    const inTable = syncLimits.map(({ value }) => value)
    // A module's names are sorted, so only the numbers can be compared
    expect(inTable).to.have.members(Object.values(constants))
    expect(inTable).to.have.length(Object.keys(constants).length)
    expect(new Set(syncLimits.map(({ name }) => name)).size).to.equal(syncLimits.length)
    for (const { name, reason } of syncLimits) expect(reason.length, name).to.be.greaterThan(15)
  })
})
