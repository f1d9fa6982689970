import { expect } from 'chai'
import { fromString } from 'uint8arrays/from-string'
import { frozen } from '../frozen.fixture.ts'
import { hostileUpdates, victim } from './corpus.fixture.ts'
import { gate } from './index.ts'
import { rules } from './poisons.fixture.ts'

describe('the hostile corpus', () => {
  it('holds every poison, in bytes that were frozen', async () => {
    const bytes = Object.fromEntries(hostileUpdates().map(update => [update.name, update.bytes]))
    const vector = await frozen('hostile-updates', bytes)
    expect(vector.current).to.deep.equal(vector.frozen)
  })

  it('is refused by gate() to the last, never held, and changes no document', async () => {
    const corpus = (await frozen('hostile-updates', {})).frozen as Record<string, string>
    const doc = victim()
    for (const [name, hex] of Object.entries(corpus)) {
      expect(gate(doc, fromString(hex, 'hex'), rules), name).to.include({ ok: false, hold: false })
    }
    expect(doc.getText('text').toString()).to.equal('precious')
    expect([...doc.share.keys()]).to.deep.equal(['text'])
  })
})
