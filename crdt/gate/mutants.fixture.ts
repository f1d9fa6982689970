import { expect } from 'chai'
import fc from 'fast-check'
import * as Y from 'yjs'
import { createDoc, type GateRules, gate } from './index.ts'
import { type Step, Swarm } from './swarm.fixture.ts'

const AUTHOR = 65537
export const rules: GateRules = { client: AUTHOR, roots: { text: 'text', list: 'array', map: 'map', tree: 'xml' } }

/** A change to the bytes of an update, at a place that is taken modulo its length. */
export interface Mutation {
  readonly how: 'set' | 'flip' | 'nudge' | 'insert' | 'remove' | 'copy'
  readonly at: number
  readonly value: number
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  how: fc.constantFrom<Mutation['how'][]>('set', 'flip', 'nudge', 'nudge', 'insert', 'remove', 'copy'),
  at: fc.nat({ max: 100_000 }),
  value: fc.nat({ max: 255 })
})

/** A document that others wrote into, and the next update of the author as its bytes were before. */
export function scene(steps: Step[]): { doc: Y.Doc; update: Uint8Array | undefined } {
  const swarm = new Swarm(3, client => ({ ...rules, client }))
  for (const next of steps) swarm.take(next)
  const before = swarm.logs[0]?.length ?? 0
  const doc = copy(swarm.docs[0] as Y.Doc)
  for (const action of ['list', 'nest', 'delete', 'text', 'map'] as const) {
    swarm.take({ replica: 0, action, at: steps.length * 37, size: 4 })
    if ((swarm.logs[0]?.length ?? 0) > before) break
  }
  return { doc, update: swarm.logs[0]?.[before]?.update }
}

/** An accepted update applies, is complete, reads the same after a reload, and the same before and after what others wrote meanwhile. */
export function checkApplies(doc: Y.Doc, bytes: Uint8Array): void {
  const live = copy(doc)
  Y.applyUpdate(live, bytes)
  expect(live.store.pendingStructs).to.equal(null)
  expect(live.store.pendingDs).to.equal(null)
  expect(view(copy(live))).to.deep.equal(view(live))
  JSON.stringify(view(live))
  for (const client of [AUTHOR - 1, AUTHOR + 1_000_000]) {
    const { update, after } = meanwhile(doc, client, bytes.length)
    expect(gate(after, bytes, rules)).to.deep.equal({ ok: true })
    const first = copy(live)
    Y.applyUpdate(first, update)
    Y.applyUpdate(after, bytes)
    expect(view(after)).to.deep.equal(view(first))
    expect(view(copy(after))).to.deep.equal(view(after))
  }
}

/** What somebody else wrote without knowing of the update. */
function meanwhile(doc: Y.Doc, client: number, seed: number): { update: Uint8Array; after: Y.Doc } {
  const after = copy(doc)
  const before = Y.encodeStateVector(after)
  after.clientID = client
  after.transact(() => {
    const text = after.getText('text')
    const list = after.getArray('list')
    for (const at of [0, seed, seed * 7]) {
      text.insert(at % (text.length + 1), 'M')
      list.insert(at % (list.length + 1), ['m'])
    }
    after.getMap('map').set(`k${seed % 5}`, 'm')
    if (text.length > 2) text.delete(seed % (text.length - 1), 1)
  })
  return { update: Y.encodeStateAsUpdate(after, before), after }
}

export function mutate(bytes: Uint8Array, { how, at, value }: Mutation): Uint8Array {
  const changed = [...bytes]
  const place = at % Math.max(1, changed.length)
  const old = changed[place] ?? 0
  if (how === 'set') changed[place] = value
  else if (how === 'flip') changed[place] = old ^ (1 << (value & 7))
  else if (how === 'nudge') changed[place] = (old + (value & 1 ? 1 : 255)) & 255
  else if (how === 'insert') changed.splice(place, 0, value)
  else if (how === 'remove') changed.splice(place, 1)
  else changed.splice(place, 0, ...changed.slice(value % changed.length, (value % changed.length) + 8))
  return Uint8Array.from(changed)
}

function copy(doc: Y.Doc): Y.Doc {
  const made = createDoc()
  Y.applyUpdate(made, Y.encodeStateAsUpdate(doc))
  return made
}

function view(doc: Y.Doc): unknown {
  return [
    doc.getText('text').toDelta().map(plain),
    doc.getArray('list').toJSON(),
    doc.getMap('map').toJSON(),
    doc.getXmlFragment('tree').toString()
  ]
}

/** A text may embed types, which are equal when their content is. */
function plain(part: { insert: unknown }): unknown {
  return part.insert instanceof Y.AbstractType ? { ...part, insert: part.insert.toJSON() } : part
}
