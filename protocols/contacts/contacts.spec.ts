import { expect } from 'chai'
import { World } from '../twins.fixture.ts'
import contactsCompliance from './compliance.ts'

describe('contacts', () => {
  contactsCompliance(async () => {
    const world = new World()
    const [ann, ben, cleo] = [await world.add('Ann'), await world.add('Ben'), await world.add('Cleo')]
    return { ann, ben, cleo, advance: ms => world.advance(ms), stop: () => world.stop() }
  })
})

describe('knocks', () => {
  it('are brought again when a twin was reached and did not know who called', async () => {
    const world = new World()
    try {
      const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
      ben.knowsNobody = true
      const { link } = await ben.owner.invite({})
      expect((await ann.owner.add({ who: link })).state).equal('requested')
      ben.knowsNobody = false
      const agreed = new Promise<void>(resolve => {
        ann.contacts.onChange(({ record }) => record.state === 'contact' && resolve())
      })
      ann.clock.advance(1000)
      await agreed
      expect(ben.contacts.classOf(ann.id)).equal('contact')
    } finally {
      await world.stop()
    }
  })
})
