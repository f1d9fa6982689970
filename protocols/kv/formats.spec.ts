import { expect } from 'chai'
import { decode } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { keyValue } from '../../crdt/index.ts'
import { bytesToHex, hexToBytes } from '../../crdt/log/index.ts'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'
import { arrives, codeOf, leaves } from './compliance-steps.ts'

const folder = 'protocols/kv/vectors'
/** Stands in the vectors for the id of a space, which is another one each time. */
const someSpace = 'ab'.repeat(32)

describe('formats of kv', () => {
  let world: World
  let ann: FixtureTwin
  let ben: FixtureTwin
  beforeEach(async () => {
    world = new World()
    ann = await world.add('Ann')
    ben = await world.add('Ben')
  })
  afterEach(() => world.stop())

  it('values are kept as the bytes that were frozen, and are read from them', async () => {
    const values = {
      null: null,
      text: 'Grüße 👋',
      number: 0.1,
      object: { b: [1, true], a: '\n' },
      bytes: new Uint8Array(2)
    }
    for (const [key, value] of Object.entries(values)) await ann.kv.put({ key, value })
    const rows: Record<string, [kind: string, value: Uint8Array]> = {}
    for await (const { key, kind, value } of keyValue(ann.spaces.self, 'default').list()) rows[key] = [kind, value]
    const vector = await frozen('values-1', rows, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const table = keyValue(ben.spaces.self, 'default')
    for (const [key, [kind, hex]] of Object.entries(vector.frozen as Record<string, ['json' | 'bytes', string]>)) {
      await table.put(key, hexToBytes(hex), { kind })
      expect((await ben.kv.get({ key })).value, key).to.deep.equal(values[key as keyof typeof values])
    }
  })

  it('the registry of namespaces has the rows that were frozen, and is read from them', async () => {
    await meet(ann, ben)
    await ann.kv.put({ key: 'k', value: 1, space: 'mine' })
    await ann.kv.put({ key: 'k', value: 1, space: 'house' })
    await ann.kv.share({ namespace: 'house', who: 'Ben' })
    const space = ann.spaces.list().find(({ kind }) => kind === 'shared')!
    const rows: Record<string, unknown> = {}
    for await (const { key, value } of keyValue(ann.spaces.self, '.namespaces').list()) rows[key] = value
    // Text of one length for another, so nothing else of the row changes
    const house = bytesToHex(rows.house as Uint8Array).replace(textToHex(space.text), textToHex(someSpace))
    const whole = await keyValue(space, '.share').get('whole')
    const vector = await frozen('namespaces-1', { ...rows, house, whole: [whole?.kind, whole?.value] }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    const kept = vector.frozen as { mine: string; house: string }
    expect(decode(hexToBytes(kept.mine))).to.deep.equal({})
    expect({ ...(decode(hexToBytes(kept.house)) as object) }).to.deep.equal({ space: someSpace, moved: true })
    // The other way: the frozen row, put there by another device, leads to the space it names
    const made = await ben.spaces.create({ kind: 'shared', name: 'house', members: [] })
    await keyValue(made, 'default').put('k', Uint8Array.of(0x32), { kind: 'json' })
    const row = hexToBytes(kept.house.replace(textToHex(someSpace), textToHex(made.text)))
    await keyValue(ben.spaces.self, '.namespaces').put('house', row)
    expect((await ben.kv.get({ key: 'k', space: 'house' })).value).to.equal(2)
  })

  it('deletions, and what one space took from another, have the rows that were frozen, and are read from them', async () => {
    await meet(ann, ben)
    const { self } = ann.spaces
    await ann.kv.put({ key: 'k', value: 1, space: 'house' })
    await ann.kv.delete({ key: 'k', space: 'house' })
    const gone = await keyValue(self, '-house').get('k')
    await ann.kv.put({ key: 'k', value: 1, space: 'house' })
    await ann.kv.share({ namespace: 'house', who: 'Ben' })
    const other = await ann.spaces.create({ kind: 'shared', name: 'house', members: [ben.twin] })
    await keyValue(other, 'default').put('l', Uint8Array.of(0x32), { kind: 'json' })
    await keyValue(other, '.share').put('whole', new Uint8Array())
    const [place, last] = ann.spaces
      .list()
      .filter(({ kind }) => kind === 'shared')
      .sort((a, b) => (a.text < b.text ? -1 : 1))
    const taken = keyValue(place!, '.share')
    await arrives(ann.kv, { key: 'l', space: 'house' })
    for (const key of [`member/${ben.id}`, `from/${last!.text}`]) {
      while ((await taken.get(key)) === undefined) await new Promise(setImmediate)
    }
    const rows = [gone, await taken.get(`from/${last!.text}`), await taken.get(`member/${ben.id}`)]
    const [deletion, from, member] = rows.map(row => row && [row.kind, row.value])
    const vector = await frozen('deletions-1', { deletion, from, member }, folder)
    expect(vector.current).to.deep.equal(vector.frozen)
    // The other way: a row of another device, of later than the value, takes it away
    const [kind, hex] = (vector.frozen as { deletion: ['bytes', string] }).deletion
    await keyValue(self, '-house').put('k', hexToBytes(hex), { kind, at: Date.now() + 1000 })
    await leaves(ann.kv, { key: 'k', space: 'house' })
    expect(await codeOf(ann.kv.get({ key: 'k', space: 'house' }))).to.equal('NotFound')
  })
})

function textToHex(text: string): string {
  return bytesToHex(new TextEncoder().encode(text))
}
