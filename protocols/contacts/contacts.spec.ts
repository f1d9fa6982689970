import { World } from '../twins.fixture.ts'
import contactsCompliance from './compliance.ts'

describe('contacts', () => {
  contactsCompliance(async () => {
    const world = new World()
    const [ann, ben, cleo] = [await world.add('Ann'), await world.add('Ben'), await world.add('Cleo')]
    return { ann, ben, cleo, advance: ms => world.advance(ms), stop: () => world.stop() }
  })
})
