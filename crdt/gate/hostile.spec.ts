import { expect } from 'chai'
import * as Y from 'yjs'
import { victim } from './corpus.fixture.ts'
import { createDoc, gate } from './index.ts'
import { ALICE, MALLORY, one, poisons, ROOT_LIST, rules, text } from './poisons.fixture.ts'

describe('hostile updates', () => {
  for (const { name, bytes, reason, raw } of poisons) {
    it(`gate() refuses ${name}`, () => {
      const verdict = gate(victim(), Uint8Array.from(bytes), rules)
      expect(verdict).to.include({ ok: false, reason, hold: false })
    })
    if (raw !== undefined) {
      it(`raw Yjs given ${name}: ${raw}`, () => {
        expect(symptoms(bytes)).to.include(raw)
      })
    }
  }

  it('gate() refuses another content for a clock that is taken, which raw Yjs keeps in silence for ever', () => {
    const [one, two] = [victim(), victim()] as const
    const a = Uint8Array.from([1, 1, MALLORY, 0, 0x84, 1, 7, ...text('AAAA'), 0])
    const b = Uint8Array.from([1, 1, MALLORY, 0, 0x84, 1, 7, ...text('BBBB'), 0])
    for (const [doc, first, second] of [
      [one, a, b],
      [two, b, a]
    ] as const) {
      expect(gate(doc, first, rules)).to.deep.equal({ ok: true })
      Y.applyUpdate(doc, first)
      expect(gate(doc, second, rules)).to.include({ ok: false, reason: 'clock' })
      Y.applyUpdate(doc, second)
    }
    expect(Y.encodeStateVector(one)).to.deep.equal(Y.encodeStateVector(two))
    expect(one.getText('text').toString()).not.to.equal(two.getText('text').toString())
  })

  it('gate() refuses each of a flood of updates with a gap, at a cost that does not grow', () => {
    const doc = victim()
    for (let clock = 1; clock < 2000; clock++) {
      const update = Uint8Array.from([1, 1, MALLORY, 0x80 | (clock & 0x7f), clock >> 7, 0x84, 1, 7, ...text('z'), 0])
      expect(gate(doc, update, rules).ok).to.equal(false)
    }
    expect(doc.store.pendingStructs).to.equal(null)
  })

  it('gate() refuses types nested 20,000 deep, and values too', () => {
    const types: number[] = [1, 0xa0, 0x9c, 0x01, MALLORY, 0, 0x07, ...ROOT_LIST, 0]
    for (let i = 0; i < 19_999; i++) types.push(0x07, 0, MALLORY, ...uint(i), 0)
    types.push(0)
    const large = { ...rules, maxStructs: 100_000, maxBytes: 1 << 20 }
    expect(gate(victim(), Uint8Array.from(types), large)).to.include({ reason: 'nesting' })
    expect(gate(victim(), Uint8Array.from(types), rules)).to.include({ reason: 'size' })
    const values = one(0x08, ...ROOT_LIST, 1, ...Array.from({ length: 20_000 }, () => [117, 1]).flat(), 126)
    expect(gate(victim(), Uint8Array.from(values), rules)).to.include({ reason: 'nesting' })
    const json = '['.repeat(100) + ']'.repeat(100)
    const format = one(0x86, 1, 7, ...text('b'), 0xc8, 0x01, ...new TextEncoder().encode(json))
    expect(gate(victim(), Uint8Array.from(format), rules)).to.include({ reason: 'nesting' })
  })

  it('gate() refuses what is too long or too many, and a V2 update', () => {
    const long = new Uint8Array(128 * 1024 + 1)
    expect(gate(victim(), long, rules)).to.include({ reason: 'size' })
    const many = [0, 1, ALICE, 0x89, 0x27, ...new Uint8Array(10_002)]
    expect(gate(victim(), Uint8Array.from(many), rules)).to.include({ reason: 'size' })
    const doc = victim()
    doc.clientID = MALLORY
    doc.getText('text').insert(0, 'x')
    expect(gate(victim(), Y.encodeStateAsUpdateV2(doc, Y.encodeStateVector(victim())), rules).ok).to.equal(false)
    expect(gate(victim(), new Uint8Array(), { ...rules, version: 2 })).to.include({ reason: 'version' })
  })
})

/** What is wrong with a document after raw Yjs applied the bytes. */
function symptoms(bytes: readonly number[]): string[] {
  const found: string[] = []
  const doc = victim()
  try {
    Y.applyUpdate(doc, Uint8Array.from(bytes))
  } catch {
    found.push('throws')
  }
  if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) found.push('pending')
  const live = doc.getText('text').toString()
  if (!/p.*r.*e.*c.*i.*o.*u.*s/.test(live)) found.push('loses text')
  const again = createDoc()
  try {
    Y.applyUpdate(again, Y.encodeStateAsUpdate(doc))
    if (again.getText('text').toString() !== live) found.push('differs')
  } catch {
    found.push('cannot reload')
  }
  return found
}

function uint(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...uint(value >>> 7)]
}
