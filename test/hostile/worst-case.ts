import * as Y from 'yjs'
import { createDoc, gate, MAX_UPDATE_BYTES } from '../../crdt/gate/index.ts'
import { MALLORY, one, ROOT_LIST, rules, text } from '../../crdt/gate/poisons.fixture.ts'

export interface Worst {
  readonly name: string
  readonly bytes: number
  readonly verdict: string
  readonly gateMs: number
  /** Of Yjs, if the update was let through */
  readonly applyMs?: number
}

const ada = 1
const known = 6000

/** What one update of a hostile member can cost at most, by the kinds of work that the gate and Yjs do. */
export function worstCases(): Worst[] {
  const list = createDoc()
  list.clientID = ada
  for (let i = 0; i < known; i++) list.getArray('list').push([Uint8Array.of(1)])
  const map = createDoc()
  map.clientID = ada
  map.transact(() => {
    for (let i = 0; i < known; i++) map.getMap('map').set('k', i)
  })
  const crowd = createDoc()
  for (let client = 10_000; client > 10_000 - 3000; client--) {
    // Everybody wrote at the start of the list at one time
    Y.applyUpdate(crowd, Uint8Array.from([1, 1, ...uint(client), 0, 0x08, ...ROOT_LIST, 1, 126, 0]))
  }
  const many = (count: number, struct: (at: number) => number[]) => [
    1,
    ...uint(count),
    MALLORY,
    0,
    ...Array.from({ length: count }, (_, at) => struct(at)).flat(),
    0
  ]
  const far = uint(known - 1)
  return [
    measure(
      '160 walks from the first item to the last',
      list,
      many(160, () => [0xc8, ada, 0, ada, ...far, 1, 126])
    ),
    measure(
      '5,000 walks from the first item to the last',
      list,
      many(5000, () => [0xc8, ada, 0, ada, ...far, 1, 126])
    ),
    measure(
      '300 items at the start of a list that 3,000 began',
      crowd,
      many(300, () => [0x08, ...ROOT_LIST, 1, 126])
    ),
    measure(
      '5,000 items at the start of a list that 3,000 began',
      crowd,
      many(5000, () => [0x08, ...ROOT_LIST, 1, 126])
    ),
    measure(
      '150 right neighbours in turn',
      list,
      many(5000, at => [0x48, ada, ...uint(at % 150), 1, 126])
    ),
    measure(
      '170 values of a key that was set 6,000 times',
      map,
      many(170, () => [0x28, 1, ...text('map'), ...text('k'), 1, 126])
    ),
    measure(
      '5,000 types in types',
      createDoc(),
      many(5000, at => (at < 31 ? nested(at) : [0x07, 0, MALLORY, ...uint(at % 31), 0]))
    ),
    measure(
      'values in values, 128 KiB',
      createDoc(),
      one(0x08, ...ROOT_LIST, 1, 117, ...uint(60_000), ...objects(60_000))
    ),
    measure(
      'a format of 128 KiB of JSON',
      text1(),
      one(0x86, 1, 7, ...text('b'), ...longText(`[${'{},'.repeat(40_000)}0]`))
    ),
    measure('5,000 deletions', list, [
      0,
      1,
      ada,
      ...uint(3000),
      ...Array.from({ length: 3000 }, (_, at) => [...uint(at * 2), 1]).flat()
    ])
  ]
}

function measure(name: string, doc: Y.Doc, bytes: readonly number[]): Worst {
  const update = Uint8Array.from(bytes)
  if (update.length > MAX_UPDATE_BYTES) throw new RangeError(`${name} has ${update.length} bytes`)
  gate(doc, update, rules)
  const begin = performance.now()
  const verdict = gate(doc, update, rules)
  const gateMs = performance.now() - begin
  const said = verdict.ok ? 'accepted' : `${verdict.hold ? 'held' : 'refused'}: ${verdict.reason}`
  const cost = { name, bytes: update.length, verdict: said, gateMs }
  if (!verdict.ok) return cost
  const copy = createDoc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const start = performance.now()
  Y.applyUpdate(copy, update)
  return { ...cost, applyMs: performance.now() - start }
}

/** CPU of a flood of updates whose predecessor is missing, at two lengths: milliseconds a KiB. */
export function gapFlood(count: number): number {
  const doc = text1()
  const updates = Array.from({ length: count }, (_, at) =>
    Uint8Array.from([1, 1, MALLORY, ...uint(at + 1), 0x84, 1, 7, ...text('z'.repeat(50)), 0])
  )
  const begin = performance.now()
  for (const update of updates) if (gate(doc, update, rules).ok) throw new Error('A gap was accepted')
  return (performance.now() - begin) / (updates.reduce((sum, { length }) => sum + length, 0) / 1024)
}

function text1(): Y.Doc {
  const doc = createDoc()
  doc.clientID = ada
  doc.getText('text').insert(0, 'precious')
  return doc
}

function nested(at: number): number[] {
  return at === 0 ? [0x07, ...ROOT_LIST, 0] : [0x07, 0, MALLORY, ...uint(at - 1), 0]
}

function objects(count: number): number[] {
  return Array.from({ length: count }, () => [118, 0]).flat()
}

function longText(value: string): number[] {
  return [...uint(value.length), ...new TextEncoder().encode(value)]
}

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
