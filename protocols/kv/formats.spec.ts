import { expect } from 'chai'
import { decode } from '../../crdt/crypto/index.ts'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { keyValue } from '../../crdt/index.ts'
import { bytesToHex, hexToBytes } from '../../crdt/log/index.ts'
import { type FixtureTwin, meet, World } from '../twins.fixture.ts'

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
})

function textToHex(text: string): string {
  return bytesToHex(new TextEncoder().encode(text))
}
