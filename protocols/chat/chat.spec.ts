import { meet, World } from '../twins.fixture.ts'
import chatCompliance from './compliance.ts'

describe('chat', () => {
  chatCompliance(async () => {
    const world = new World()
    const [ann, ben, cleo] = [await world.add('Ann'), await world.add('Ben'), await world.add('Cleo')]
    const ask = async (one: typeof ann, other: typeof ann) => {
      await one.owner.add({ who: other.id, name: other.name })
    }
    return { ann, ben, cleo, meet, ask, stop: () => world.stop() }
  })
})
