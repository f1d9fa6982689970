import { meet, World } from '../twins.fixture.ts'
import notesCompliance from './compliance.ts'

describe('notes', () => {
  notesCompliance(async () => {
    const world = new World()
    const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
    await meet(ann, ben)
    return { ann: ann.notes, ben: ben.notes, annName: 'Ann', benName: 'Ben', stop: () => world.stop() }
  })
})
