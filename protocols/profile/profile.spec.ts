import { createClient } from '../core/index.ts'
import { World } from '../twins.fixture.ts'
import profileCompliance from './compliance.ts'
import { profileProtocol } from './protocol.ts'

describe('profile', () => {
  profileCompliance(async () => {
    const world = new World()
    const ann = await world.add('')
    return { as: caller => createClient(profileProtocol, ann.as(caller)), stop: () => world.stop() }
  })
})
