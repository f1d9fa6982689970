import { type KeyValue, keyValue, type Space, type Spaces } from '../../crdt/index.ts'

/** The space that the writer shares with the replica that checks it. */
const sharedName = 'rig'
const namespace = 'rig'
/** Every so many items are a batch of keys, and every so many go into the private space instead of the shared one. */
const [batchEvery, privateEvery] = [8, 4]
const batchSize = 3
/** Every so many values are large: they span blocks of the database's log. */
const largeEvery = 32
const largeBytes = 40_000

/** Where the items of a rig are kept. */
export interface Tables {
  readonly own: KeyValue
  readonly shared: KeyValue
  readonly space: Space
}

export function findTables(spaces: Spaces): Tables | undefined {
  const space = spaces.list().find(({ kind, name }) => kind === 'shared' && name === sharedName)
  return space && { own: keyValue(spaces.self, namespace), shared: keyValue(space, namespace), space }
}

export async function makeTables(spaces: Spaces, reader: Uint8Array): Promise<Tables> {
  const found = findTables(spaces)
  if (found !== undefined) return found
  await spaces.create({ kind: 'shared', name: sharedName, members: [reader] })
  return findTables(spaces)!
}

/** Writes one item; resolves when it was acknowledged. */
export async function putItem(tables: Tables, item: number): Promise<void> {
  const value = bytesOf(item)
  const [key, ...more] = keysOf(item)
  const table = isPrivate(item) ? tables.own : tables.shared
  if (more.length === 0) await table.put(key!, value)
  else await table.batch([key!, ...more].map(each => ({ type: 'put', key: each, value })))
}

export async function hasItem(tables: Tables, item: number): Promise<boolean> {
  const table = isPrivate(item) ? tables.own : tables.shared
  for (const key of keysOf(item)) {
    const entry = await table.get(key)
    if (entry === undefined || !isEqual(entry.value, bytesOf(item))) return false
  }
  return true
}

/** Which of the items are not there as they were written. Reads every value once. */
export async function missingItems(tables: Tables, items: readonly number[]): Promise<number[]> {
  const found = new Map<string, Uint8Array>()
  for (const table of [tables.own, tables.shared]) {
    for await (const { key, value } of table.list()) found.set(key, value)
  }
  return items.filter(item => !keysOf(item).every(key => isEqual(found.get(key), bytesOf(item))))
}

/** The only key of an item, for a store that is reached by its key alone. */
export function keyOf(item: number): string {
  return `k/${item}`
}

/** The value of an item follows from its number, so that one that was changed is noticed. */
export function bytesOf(item: number): Uint8Array {
  const mixed = Math.imul(item ^ (item >>> 15), 0x2c1b3c6d) >>> 0
  const value = new Uint8Array(mixed % largeEvery === 0 ? largeBytes : 16 + (mixed % 1000))
  value.fill(mixed & 0xff)
  new DataView(value.buffer).setFloat64(0, item)
  return value
}

export function isEqual(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0
}

function keysOf(item: number): string[] {
  if (item % batchEvery !== 1) return [keyOf(item)]
  return Array.from({ length: batchSize }, (_, index) => `b/${item}/${index}`)
}

function isPrivate(item: number): boolean {
  return item % privateEvery === 0
}
