import { expect } from 'chai'
import { frozen } from '../../crdt/frozen.fixture.ts'
import { keyValue } from '../../crdt/index.ts'
import { hexToBytes } from '../../crdt/log/index.ts'
import { World } from '../twins.fixture.ts'

const card = { name: 'Zoë 👋', about: 'Engines\nand poems' }

describe('formats of the profile', () => {
  it('a card is kept as the bytes that were frozen, and is read from them', async () => {
    const world = new World()
    try {
      const [ann, ben] = [await world.add(''), await world.add('')]
      // Composed when it is written: e and its dots are one character
      await ann.profile.set({ name: ` ${card.name.normalize('NFD')} `, about: card.about })
      const rows: Record<string, [kind: string, value: Uint8Array]> = {}
      for await (const { key, kind, value } of keyValue(ann.spaces.self, '.profile').list()) rows[key] = [kind, value]
      const vector = await frozen('card-1', rows, 'protocols/profile/vectors')
      expect(vector.current).to.deep.equal(vector.frozen)
      const table = keyValue(ben.spaces.self, '.profile')
      for (const [key, [, hex]] of Object.entries(vector.frozen as Record<string, [string, string]>)) {
        await table.put(key, hexToBytes(hex))
      }
      expect(await ben.profile.get({})).to.deep.equal(card)
    } finally {
      await world.stop()
    }
  })
})
