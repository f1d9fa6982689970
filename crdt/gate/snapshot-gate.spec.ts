import { expect } from 'chai'
import fc from 'fast-check'
import * as Y from 'yjs'
import { createDoc, gateSnapshot, type RootKind } from './index.ts'
import { type Step, Swarm, step } from './swarm.fixture.ts'

const roots: Record<string, RootKind> = { text: 'text', list: 'array', map: 'map', tree: 'xml' }
const client = 65537
const rules = (clocks: Iterable<[number, number]>) => ({ roots, version: 1, clocks: new Map(clocks) })
const clocksOf = (doc: Y.Doc) => Y.decodeStateVector(Y.encodeStateVector(doc))

function text(content: string, id = client): Uint8Array {
  const doc = createDoc()
  doc.clientID = id
  doc.getText('text').insert(0, content)
  return Y.encodeStateAsUpdate(doc)
}

describe('gateSnapshot()', function () {
  this.timeout(60_000)

  it('takes every state that honest writers come to, and makes the same document of it', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps: Step[]) => {
        const swarm = new Swarm(3, id => ({ client: id, roots }))
        for (const next of steps) swarm.take(next)
        swarm.settle()
        for (const doc of swarm.docs) {
          const state = Y.encodeStateAsUpdate(doc)
          const verdict = gateSnapshot(state, rules(clocksOf(doc)))
          if (!verdict.ok) throw new Error(`${verdict.reason}: ${verdict.message}`)
          const again = createDoc()
          Y.applyUpdate(again, state)
          expect(Y.encodeStateAsUpdate(verdict.doc)).to.deep.equal(Y.encodeStateAsUpdate(again))
        }
      }),
      { numRuns: 60 }
    )
  })

  it('refuses an author whose log is not covered', () => {
    const state = text('abc', 7 * 65536 + 1)
    expect(gateSnapshot(state, rules([[client, 3]]))).to.deep.include({ ok: false, reason: 'author' })
  })

  it('refuses clocks beyond the log that is covered, and a state that lacks some', () => {
    expect(gateSnapshot(text('abc'), rules([[client, 3]])).ok).to.equal(true)
    expect(gateSnapshot(text('abcd'), rules([[client, 3]]))).to.deep.include({ ok: false, reason: 'clock' })
    expect(gateSnapshot(text('ab'), rules([[client, 3]]))).to.deep.include({ ok: false, reason: 'clock' })
  })

  it('refuses a root that the kind does not have', () => {
    const state = text('abc')
    const verdict = gateSnapshot(state, { ...rules([[client, 3]]), roots: { other: 'text' } })
    expect(verdict).to.deep.include({ ok: false, reason: 'root' })
  })

  it('refuses structs that build on each other in a circle', () => {
    // Two authors, each with one character left of the other's
    const state = Uint8Array.of(2, 1, 2, 0, 0x84, 1, 0, 1, 98, 1, 1, 0, 0x84, 2, 0, 1, 97, 0)
    const verdict = gateSnapshot(
      state,
      rules([
        [1, 1],
        [2, 1]
      ])
    )
    expect(verdict).to.deep.include({ ok: false, reason: 'origin' })
  })

  it('refuses a state that ends early, wherever', () => {
    const state = text('abc')
    for (let length = 0; length < state.length; length++) {
      expect(gateSnapshot(state.subarray(0, length), rules([[client, 3]])).ok, `${length}`).to.equal(false)
    }
  })

  it('never throws, whatever was changed in the bytes, and what it takes reads the same after a reload', () => {
    const swarm = new Swarm(3, id => ({ client: id, roots }))
    for (let at = 0; at < 60; at++) {
      const action = (['text', 'list', 'map', 'tree', 'nest', 'delete', 'format'] as const)[at % 7]!
      swarm.take({ replica: at % 3, action, at: at * 31, size: 1 + (at % 5) })
      swarm.settle()
    }
    const doc = swarm.docs[0]!
    const state = Y.encodeStateAsUpdate(doc)
    fc.assert(
      fc.property(fc.nat(state.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(state)
        changed[at] = value
        const verdict = gateSnapshot(changed, rules(clocksOf(doc)))
        if (!verdict.ok) return
        const again = createDoc()
        Y.applyUpdate(again, Y.encodeStateAsUpdate(verdict.doc))
        for (const [name, kind] of Object.entries(roots)) {
          const read = (of: Y.Doc) =>
            kind === 'text'
              ? of.getText(name).toString()
              : kind === 'array'
                ? of.getArray(name).toJSON()
                : kind === 'map'
                  ? of.getMap(name).toJSON()
                  : of.getXmlFragment(name).toString()
          expect(read(again)).to.deep.equal(read(verdict.doc))
        }
      }),
      { numRuns: 600 }
    )
  })
})
