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

  it('are brought again when the twin was reached while a first try was still looking for it', async () => {
    const world = new World()
    try {
      const [ann, ben] = [await world.add('Ann'), await world.add('Ben')]
      const { link } = await ben.owner.invite({})
      let fail = () => {}
      const looking = new Promise<void>(resolve => {
        ann.lookup = () => {
          resolve()
          return new Promise((_, reject) => {
            fail = () => reject(new Error('Nobody with this id was found'))
          })
        }
      })
      const added = ann.owner.add({ who: link })
      await looking
      // Met by chance, while the try still looks and will find nobody
      ann.lookup = undefined
      const reached = ann.contacts.onReachable(ben.id)
      const agreed = new Promise<void>(resolve => {
        ann.contacts.onChange(({ record }) => record.state === 'contact' && resolve())
      })
      fail()
      await Promise.all([reached, agreed, added])
      expect(ben.contacts.classOf(ann.id)).equal('contact')
    } finally {
      await world.stop()
    }
  })
})
