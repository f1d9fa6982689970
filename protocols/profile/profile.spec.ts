import { expect } from 'chai'
import { createClient } from '../core/index.ts'
import { World } from '../twins.fixture.ts'
import profileCompliance from './compliance.ts'
import { Profile } from './profile.ts'
import { profileProtocol } from './protocol.ts'

describe('profile', () => {
  profileCompliance(async () => {
    const world = new World()
    const ann = await world.add('')
    return { as: caller => createClient(profileProtocol, ann.as(caller)), stop: () => world.stop() }
  })

  it('has the name that the twin was made with until another one is put there, or none', async () => {
    const world = new World()
    const { spaces } = await world.add('Ann')
    const named = async (firstName?: string) => {
      const profile = new Profile({ spaces, firstName })
      await profile.start()
      return profile
    }
    try {
      expect((await (await named()).get()).name).equal('')
      const profile = await named(' Ann ')
      // As all devices see it
      expect((await (await named()).get()).name).equal('Ann')
      await profile.set({ name: 'Annie' })
      expect((await (await named('Ann')).get()).name).equal('Annie')
      await profile.set({ name: '' })
      expect((await (await named('Ann')).get()).name).equal('')
    } finally {
      await world.stop()
    }
  })
})
