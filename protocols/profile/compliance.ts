/** What any profile must show, written against its client. */
import { expect } from 'chai'
import type { CallerClass, Client } from '../core/index.ts'
import type { profileProtocol } from './protocol.ts'

export interface ProfileWorld {
  as(caller: CallerClass): Client<typeof profileProtocol>
  stop(): Promise<void>
}

export default function profileCompliance(setup: () => Promise<ProfileWorld>): void {
  let world: ProfileWorld
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  it('a new profile is empty', async () => {
    expect(await world.as('owner').get({})).to.deep.equal({ name: '', about: '' })
  })

  it('set() changes what is given and leaves the rest', async () => {
    const owner = world.as('owner')
    await owner.set({ name: ' Ada ', about: 'Engines\nand poems' })
    expect(await owner.set({ name: 'Ada L.' })).to.deep.equal({ name: 'Ada L.', about: 'Engines\nand poems' })
    expect(await owner.set({ about: '' })).to.deep.equal({ name: 'Ada L.', about: '' })
    expect(await owner.get({})).to.deep.equal({ name: 'Ada L.', about: '' })
  })

  it('strangers see the name and nothing else, contacts the whole card', async () => {
    await world.as('owner').set({ name: 'Ada', about: 'Engines' })
    expect(await world.as('stranger').show({})).to.deep.equal({ name: 'Ada' })
    expect(await world.as('contact').show({})).to.deep.equal({ name: 'Ada', about: 'Engines' })
  })

  it('watch() gives the card, and again when it has changed', async () => {
    const owner = world.as('owner')
    await owner.set({ name: 'Ada' })
    const cards = owner.watch({})[Symbol.asyncIterator]()
    expect((await cards.next()).value).to.deep.equal({ name: 'Ada', about: '' })
    await owner.set({ name: 'Ada' })
    await owner.set({ about: 'Engines' })
    expect((await cards.next()).value).to.deep.equal({ name: 'Ada', about: 'Engines' })
    await cards.return?.()
  })

  it('set() refuses what is not text for people', async () => {
    for (const change of [{ name: 'a\nb' }, { about: 'a\u0000' }, { name: 'x'.repeat(65) }]) {
      const code = await world
        .as('owner')
        .set(change)
        .then(
          () => 'none',
          error => error.code
        )
      expect(code, JSON.stringify(change)).to.equal('InvalidArgument')
    }
  })
}
