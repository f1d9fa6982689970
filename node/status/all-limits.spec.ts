import { expect } from 'chai'
import { syncLimits } from '../../crdt/sync/index.ts'
import { limitReasons } from '../../protocols/core/index.ts'
import { sampleProtocol } from '../../protocols/core/sample.fixture.ts'
import { limitRows, withLimits } from '../limits.ts'
import { allLimits } from './all-limits.ts'

describe('allLimits()', () => {
  const rows = [...allLimits(withLimits({ maxConnections: 7 }), [sampleProtocol])]
  const shown = (name: string) => rows.find(row => row.name === name)?.value

  it('has the limits of the process, of calls and of sync, each once', () => {
    const names = rows.map(({ name }) => name)
    expect(names).to.include.members(limitRows().map(({ name }) => name))
    expect(names).to.include.members(Object.keys(limitReasons).map(name => `call.${name}`))
    expect(names).to.include.members(syncLimits.map(({ name }) => `sync.session.${name}`))
    expect(names).to.include.members(['space.held.device.entries', 'space.held.twin.bytes', 'space.held.space.bytes'])
    expect(new Set(names).size).to.equal(names.length)
    expect(shown('maxConnections')).to.equal('7 connections')
    expect(shown('call.rate')).to.equal('600 calls in 60,000 ms')
    expect(shown('sync.session.maxItem')).to.equal('1,064,960 bytes')
  })

  it('says of a contract only where it differs from the others', () => {
    expect(rows.filter(({ name }) => name.startsWith('sample.'))).to.deep.equal([
      { name: 'sample.maxMessageSize', value: '65,536 bytes', doc: 'For sample instead of call.maxMessageSize' },
      { name: 'sample.window', value: '16,384 bytes', doc: 'For sample instead of call.window' }
    ])
    expect(shown('hello.maxMessageSize')).to.equal('131,072 bytes')
  })
})
