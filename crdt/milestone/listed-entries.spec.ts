import { expect } from 'chai'
import fc from 'fast-check'
import { areSound, EntrySpans, endOf, seqAt } from './listed-entries.ts'

describe('entries listed by clock', () => {
  it('name for every clock the entry that it came with, whatever the entries are', () => {
    const entry = fc.record({ gap: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(fc.array(entry), entries => {
        const spans = new EntrySpans()
        const expected: number[] = []
        let seq = 0
        for (const { gap, length } of entries) {
          seq += gap
          spans.add(seq, length)
          for (let clock = 0; clock < length; clock++) expected.push(seq)
        }
        expect(spans.end).to.equal(expected.length)
        expect(expected.map((_, clock) => seqAt(spans.spans, clock))).to.deep.equal(expected)
        expect(seqAt(spans.spans, expected.length)).to.equal(0)
        expect(areSound(spans.spans, expected.length, seq)).to.equal(true)
      })
    )
  })

  it('take one span for a log of messages, however long', () => {
    const spans = new EntrySpans()
    for (let seq = 1; seq <= 100_000; seq++) spans.add(seq, 1)
    expect(spans.spans).to.deep.equal([[0, 1, 100_000, 1]])
  })

  it('are refused with a gap, out of order, beyond the log or short of the document', () => {
    const spans = [[0, 3, 2, 2] as const, [4, 9, 1, 1] as const]
    expect(areSound(spans, 5, 9)).to.equal(true)
    expect(endOf(spans)).to.equal(5)
    expect(areSound(spans, 6, 9)).to.equal(false)
    expect(areSound(spans, 5, 8)).to.equal(false)
    expect(areSound([spans[0]!, [5, 9, 1, 1]], 6, 9)).to.equal(false)
    expect(areSound([spans[0]!, [4, 4, 1, 1]], 5, 9)).to.equal(false)
    expect(areSound([[0, 1, 0, 1]], 0, 9)).to.equal(false)
  })
})
