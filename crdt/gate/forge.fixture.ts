import fc from 'fast-check'
import * as Y from 'yjs'
import { rules } from './mutants.fixture.ts'

/** One struct of a forged update: well formed, but its place in the document is chosen at random. */
export interface ForgedStruct {
  readonly left: number | null
  readonly right: number | null
  readonly parent: number
  readonly key: number | null
  readonly content: 'string' | 'any' | 'binary' | 'type' | 'deleted' | 'format'
  readonly size: number
}

const place = fc.option(fc.nat({ max: 10_000 }), { freq: 3 })

export const forgedStruct: fc.Arbitrary<ForgedStruct> = fc.record({
  left: place,
  right: place,
  parent: fc.nat({ max: 10_000 }),
  key: fc.option(fc.nat({ max: 3 }), { freq: 1 }),
  content: fc.constantFrom<ForgedStruct['content'][]>(
    'string',
    'string',
    'any',
    'any',
    'binary',
    'type',
    'deleted',
    'format'
  ),
  size: fc.integer({ min: 1, max: 3 })
})

const ROOTS = ['text', 'list', 'map', 'tree']
const KEYS = ['k1', 'k2', 'n1', 'a1']
const REFS = { deleted: 1, binary: 3, string: 4, format: 6, type: 7, any: 8 } as const

/** The bytes of an update that claims to sit where nobody put it; also deletes something at random. */
export function forge(doc: Y.Doc, structs: readonly ForgedStruct[]): Uint8Array {
  const base = Y.getState(doc.store, rules.client)
  const known: [number, number][] = []
  for (const [client, items] of doc.store.clients) {
    for (const { id, length } of items) {
      known.push([client, id.clock])
      if (length > 1) known.push([client, id.clock + length - 1])
    }
  }
  const bytes = [1, ...uint(structs.length), ...uint(rules.client), ...uint(base)]
  let clock = base
  for (const { left, right, parent, key, content, size } of structs) {
    const pick = (choice: number): [number, number] => known[choice % known.length] ?? [rules.client, clock]
    const info = REFS[content] | (left === null ? 0 : 0x80) | (right === null ? 0 : 0x40) | (key === null ? 0 : 0x20)
    bytes.push(info)
    if (left !== null) bytes.push(...pick(left).flatMap(uint))
    if (right !== null) bytes.push(...pick(right).flatMap(uint))
    if (left === null && right === null) {
      if (parent % 3 === 0) bytes.push(0, ...pick(parent).flatMap(uint))
      else bytes.push(1, ...text(ROOTS[parent % 4] as string))
      if (key !== null) bytes.push(...text(KEYS[key] as string))
    }
    const length = content === 'string' || content === 'any' || content === 'deleted' ? size : 1
    bytes.push(...contentBytes(content, size))
    known.push([rules.client, clock])
    if (length > 1) known.push([rules.client, clock + length - 1])
    clock += length
  }
  bytes.push(0)
  return Uint8Array.from(bytes)
}

function contentBytes(content: ForgedStruct['content'], size: number): number[] {
  switch (content) {
    case 'string':
      return text('xyz'.slice(0, size))
    case 'any':
      return [size, ...Array.from({ length: size }, (_, i) => [125, i]).flat()]
    case 'binary':
      return [1, size]
    case 'type':
      return [size % 3]
    case 'deleted':
      return [size]
    default:
      return [...text('bold'), ...text('true')]
  }
}

function text(value: string): number[] {
  return [value.length, ...new TextEncoder().encode(value)]
}

function uint(value: number): number[] {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}
