import * as Y from 'yjs'
import { createDoc } from './index.ts'
import { ALICE, MALLORY, one, poisons, ROOT_LIST, text } from './poisons.fixture.ts'

/** An update that has to be refused, whoever sends it. */
export interface HostileUpdate {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A document with eight letters of Alice. */
export function victim(): Y.Doc {
  const doc = createDoc()
  doc.clientID = ALICE
  doc.getText('text').insert(0, 'precious')
  doc.clientID = 99
  return doc
}

/** The poisons, and those that are long or many. */
export function hostileUpdates(): HostileUpdate[] {
  return [...poisons.map(({ name, bytes }) => ({ name, bytes: Uint8Array.from(bytes) })), ...floods()]
}

function floods(): HostileUpdate[] {
  const deep = [1, ...uint(4000), MALLORY, 0, 0x07, ...ROOT_LIST, 0]
  for (let i = 0; i < 3999; i++) deep.push(0x07, 0, MALLORY, ...uint(i), 0)
  deep.push(0)
  const authors: number[] = [...uint(1000)]
  for (let client = 1000; client > 0; client--) authors.push(1, ...uint(client + 1000), 0, 0x84, 1, 7, ...text('z'))
  authors.push(0)
  const burnt = [1, ...uint(2148), MALLORY, 0]
  for (let i = 0; i < 2148; i++)
    burnt.push(0x81, ...(i === 0 ? [ALICE, 7] : [MALLORY, ...uint(i * 1e6 - 1)]), ...uint(1e6))
  burnt.push(0)
  const author = victim()
  author.clientID = MALLORY
  author.getText('text').insert(0, 'x')
  const json = '['.repeat(100) + ']'.repeat(100)
  const floods: [name: string, bytes: ArrayLike<number>][] = [
    ['types nested 4,000 deep', deep],
    [
      'values nested 2,000 deep',
      one(0x08, ...ROOT_LIST, 1, ...Array.from({ length: 2000 }, () => [117, 1]).flat(), 126)
    ],
    [
      'a format with JSON nested 100 deep',
      one(0x86, 1, 7, ...text('b'), 0xc8, 0x01, ...new TextEncoder().encode(json))
    ],
    [
      '5,001 structs',
      [1, ...uint(5001), MALLORY, 0, ...Array.from({ length: 5001 }, () => [0x88, 1, 7, 1, 126]).flat(), 0]
    ],
    ['5,001 deletions', [0, 1, ALICE, ...uint(5001), ...new Uint8Array(10_002)]],
    ['1,000 authors', authors],
    ['deleted stretches up to the end of the clock', burnt],
    ['a V2 update', Y.encodeStateAsUpdateV2(author, Y.encodeStateVector(victim()))],
    // Sections of a V2 update: clients with a run length of 10^7 of one struct each
    ['a V2 run-length bomb', [0, 0, 3, 7, ...uint(20_000_000), 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...uint(10_000_000), 0]]
  ]
  return floods.map(([name, bytes]) => ({ name, bytes: Uint8Array.from(bytes) }))
}

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
