import type { RefusalReason } from './index.ts'

// What the bytes of a V1 update mean here: [authors, structs, client, clock, struct…, clients of deletions]
export const MALLORY = 7
export const ALICE = 1
export const rules = {
  client: MALLORY,
  roots: { text: 'text', list: 'array', map: 'map', tree: 'xml' }
} as const

/** 2^53 − 1 and 2^32 as variable-length integers. */
const HUGE = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]
const LARGE = [0x80, 0x80, 0x80, 0x80, 0x10]
export const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)]
export const ROOT_LIST = [1, ...text('list')]
const ROOT_MAP = [1, ...text('map')]
/** One struct by Mallory on an empty log, nothing deleted. */
export const one = (...struct: number[]): number[] => [1, 1, MALLORY, 0, ...struct, 0]

export interface Poison {
  readonly name: string
  readonly bytes: readonly number[]
  readonly reason: RefusalReason
  /** What raw Yjs does with it, where that can be shown quickly. */
  readonly raw?: 'throws' | 'pending' | 'differs' | 'cannot reload' | 'loses text'
}

export const poisons: Poison[] = [
  { name: 'a cleaned-up struct of length 0', bytes: one(0, 0), reason: 'struct', raw: 'cannot reload' },
  {
    name: "a cleaned-up struct over all of a victim's clocks",
    bytes: [1, 1, ALICE, 8, 0, ...HUGE, 0],
    reason: 'author'
  },
  { name: 'a cleaned-up struct over all of its own clocks', bytes: one(0, ...HUGE), reason: 'struct' },
  {
    name: 'the same left and right neighbour',
    bytes: one(0xc4, 1, 2, 1, 2, ...text('zz')),
    reason: 'order',
    raw: 'differs'
  },
  {
    name: 'a right neighbour to the left',
    bytes: one(0xc4, 1, 3, 1, 1, ...text('zz')),
    reason: 'order',
    raw: 'differs'
  },
  {
    name: 'a right neighbour to the left among its own items',
    bytes: [1, 3, MALLORY, 0, 0x84, 1, 7, ...text('a'), 0x84, 7, 0, ...text('b'), 0xc4, 7, 1, 7, 0, ...text('c'), 0],
    reason: 'order'
  },
  {
    name: 'neighbours in different lists',
    bytes: [1, 2, MALLORY, 0, 0x08, ...ROOT_LIST, 1, 0x7e, 0xc4, 1, 2, 7, 0, ...text('z'), 0],
    reason: 'order'
  },
  {
    name: 'an item that is its own left neighbour',
    bytes: one(0x84, 7, 0, ...text('z')),
    reason: 'origin',
    raw: 'throws'
  },
  { name: 'an item inside itself', bytes: one(0x07, 0, 7, 0, 0), reason: 'origin', raw: 'throws' },
  { name: 'an item inside text', bytes: one(0x04, 0, 1, 0, ...text('z')), reason: 'parent' },
  {
    name: 'an item inside a later one',
    bytes: [1, 2, MALLORY, 0, 0x04, 0, 7, 1, ...text('z'), 0x07, ...ROOT_MAP, 0, 0],
    reason: 'origin',
    raw: 'throws'
  },
  {
    name: 'a clock that leaves a gap',
    bytes: [1, 1, MALLORY, 5, 0x84, 1, 7, ...text('z'), 0],
    reason: 'clock',
    raw: 'pending'
  },
  {
    name: 'a clock at the end of all clocks',
    bytes: [1, 1, MALLORY, ...HUGE, 0x84, 1, 7, ...text('z'), 0],
    reason: 'clock'
  },
  {
    name: 'a neighbour at the end of all clocks',
    bytes: one(0x84, 9, ...HUGE, ...text('z')),
    reason: 'origin',
    raw: 'pending'
  },
  {
    name: "the next clock of a victim's client id",
    bytes: [1, 1, ALICE, 8, 0x84, 1, 7, ...text('z'), 0],
    reason: 'author'
  },
  {
    name: 'two authors in one update',
    bytes: [2, 1, MALLORY, 0, 0x84, 1, 7, ...text('z'), 1, ALICE, 8, 0x84, 1, 7, ...text('z'), 0],
    reason: 'author'
  },
  { name: 'a claim of 2^53 structs', bytes: [1, ...HUGE, MALLORY, 0, 0], reason: 'size', raw: 'throws' },
  { name: 'a claim of 2^53 authors', bytes: [...HUGE, 1, MALLORY, 0, 0], reason: 'author' },
  {
    name: 'a deletion of everything to come',
    bytes: [0, 1, ALICE, 1, 0, ...HUGE],
    reason: 'delete',
    raw: 'loses text'
  },
  { name: 'a deletion of its own items to come', bytes: [0, 1, MALLORY, 1, 0, 9], reason: 'delete', raw: 'pending' },
  { name: 'an empty deletion', bytes: [0, 1, ALICE, 1, 3, 0], reason: 'delete' },
  { name: 'deletions out of order', bytes: [0, 1, ALICE, 2, 3, 1, 1, 1], reason: 'delete' },
  { name: 'a deleted stretch of length 0', bytes: one(0x81, 1, 7, 0), reason: 'struct', raw: 'throws' },
  { name: 'a text of length 0', bytes: one(0x84, 1, 7, 0), reason: 'struct' },
  { name: 'a list of no values', bytes: one(0x08, ...ROOT_LIST, 0), reason: 'struct' },
  { name: 'a deleted stretch that burns the clock space', bytes: one(0x81, 1, 7, ...LARGE), reason: 'content' },
  { name: 'a BigInt', bytes: one(0x08, ...ROOT_LIST, 1, 122, 0, 0, 0, 0, 0, 0, 0, 1), reason: 'value' },
  { name: 'NaN', bytes: one(0x08, ...ROOT_LIST, 1, 124, 0x7f, 0xc0, 0, 0), reason: 'value' },
  {
    name: 'an object with a __proto__',
    bytes: one(0x08, ...ROOT_LIST, 1, 118, 1, ...text('__proto__'), 118, 0),
    reason: 'key'
  },
  { name: 'a map key __proto__', bytes: one(0x28, ...ROOT_MAP, ...text('__proto__'), 1, 126), reason: 'key' },
  { name: 'an unknown kind of value', bytes: one(0x08, ...ROOT_LIST, 1, 3), reason: 'value', raw: 'throws' },
  { name: 'a list of 2^53 values', bytes: one(0x08, ...ROOT_LIST, ...HUGE), reason: 'encoding', raw: 'throws' },
  { name: 'a top-level type nobody declared', bytes: one(0x04, 1, ...text('other'), ...text('z')), reason: 'root' },
  {
    name: 'a top-level type named like a method',
    bytes: one(0x04, 1, ...text('toString'), ...text('z')),
    reason: 'root'
  },
  { name: 'text in an array', bytes: one(0x04, ...ROOT_LIST, ...text('z')), reason: 'content' },
  { name: 'a keyed value in an array', bytes: one(0x28, ...ROOT_LIST, ...text('k'), 1, 126), reason: 'content' },
  { name: 'a value without a key in a map', bytes: one(0x08, ...ROOT_MAP, 1, 126), reason: 'content' },
  { name: 'a value in text', bytes: one(0x88, 1, 7, 1, 126), reason: 'content' },
  { name: 'a map in an XML tree', bytes: one(0x07, 1, ...text('tree'), 1), reason: 'content' },
  { name: 'a sub-document', bytes: one(0x09, ...ROOT_LIST, ...text('id'), 118, 0), reason: 'content' },
  { name: 'legacy JSON content', bytes: one(0x02, ...ROOT_LIST, 1, ...text('1')), reason: 'content' },
  { name: 'a skip', bytes: one(0x0a, 3), reason: 'struct' },
  { name: 'a kind of content that does not exist', bytes: one(0x0b, ...ROOT_LIST), reason: 'content', raw: 'throws' },
  { name: 'an XML hook', bytes: one(0x07, 1, ...text('tree'), 5, ...text('x')), reason: 'content' },
  { name: 'a kind of type that does not exist', bytes: one(0x07, ...ROOT_LIST, 9), reason: 'content', raw: 'throws' },
  { name: 'text that is not UTF-8', bytes: one(0x84, 1, 7, 2, 0xc0, 0x80), reason: 'encoding', raw: 'throws' },
  {
    name: 'a format that is not JSON',
    bytes: one(0x86, 1, 7, ...text('b'), ...text('{')),
    reason: 'value',
    raw: 'throws'
  },
  {
    name: 'a format with a __proto__',
    bytes: one(0x86, 1, 7, ...text('b'), ...text('{"__proto__":1}')),
    reason: 'key'
  },
  { name: 'bytes after the end', bytes: [...one(0x84, 1, 7, ...text('z')), 0], reason: 'encoding' },
  {
    name: 'a number in a longer form',
    bytes: [1, 1, MALLORY, 0x80, 0, 0x84, 1, 7, ...text('z'), 0],
    reason: 'encoding'
  },
  { name: 'half an update', bytes: one(0x84, 1, 7, ...text('zz')).slice(0, -3), reason: 'encoding', raw: 'throws' },
  { name: 'no bytes at all', bytes: [], reason: 'encoding', raw: 'throws' },
  { name: 'nothing', bytes: [0, 0], reason: 'empty' },
  { name: 'one author of deletions twice', bytes: [0, 2, ALICE, 1, 0, 1, ALICE, 1, 2, 1], reason: 'delete' },
  { name: 'an author of deletions without a range', bytes: [0, 2, 2, 0, ALICE, 1, 0, 1], reason: 'delete' },
  {
    name: 'an item that denies the key of its list',
    bytes: [1, 2, MALLORY, 0, 0x28, ...ROOT_MAP, ...text('k'), 1, 126, 0x88, MALLORY, 0, 1, 126, 0],
    reason: 'parent'
  },
  {
    name: 'a value under a key with a right neighbour',
    bytes: [1, 2, MALLORY, 0, 0x28, ...ROOT_MAP, ...text('k'), 1, 126, 0x68, MALLORY, 0, 1, 126, 0],
    reason: 'order'
  },
  {
    name: 'a parent that is neither a root nor an id',
    bytes: one(0x08, 2, ...text('list'), 1, 126),
    reason: 'encoding'
  },
  {
    name: 'an item inside its own text',
    bytes: [1, 2, MALLORY, 0, 0x84, 1, 7, ...text('a'), 0x04, 0, MALLORY, 0, ...text('z'), 0],
    reason: 'parent'
  },
  {
    name: 'a left neighbour inside an item of its own',
    bytes: [1, 2, MALLORY, 0, 0x84, 1, 7, ...text('abc'), 0x84, MALLORY, 1, ...text('z'), 0],
    reason: 'order'
  },
  {
    name: 'a right neighbour inside an item of its own',
    bytes: [1, 2, MALLORY, 0, 0x84, 1, 7, ...text('abc'), 0xc4, 1, 7, MALLORY, 1, ...text('z'), 0],
    reason: 'order'
  },
  { name: 'an author without a struct', bytes: [1, 0, MALLORY, 0, 0], reason: 'struct' }
]
