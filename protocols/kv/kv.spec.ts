import { meet, World } from '../twins.fixture.ts'
import kvCompliance from './compliance.ts'

describe('kv', () => {
  kvCompliance(async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    return {
      ann: ann.kv,
      ben: ben.kv,
      annName: 'Ann',
      benName: 'Ben',
      putFile: name => ann.putFile(name),
      stop: () => world.stop()
    }
  })
})
