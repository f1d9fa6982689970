import { expect } from 'chai'
import { give } from '../../crdt/spaces/replicas.fixture.ts'
import { type Device, Household, laterThanNow } from './household.fixture.ts'

describe('a delete by a device that does not know that a namespace is shared', () => {
  let world: Household
  let home: Device
  let phone: Device
  let ben: Device

  beforeEach(async () => {
    world = await Household.make(1)
    ;({ home, phone } = world)
    ben = world.people[0]!
    for (const key of ['gone', 'kept']) await home.put(key)
    await world.meet(home, phone)
  })
  afterEach(() => world.stop())

  const expectEverywhere = async (content: Record<string, string>) => {
    await world.meet()
    const shown = [await home.content(), await phone.content(), await ben.content(`${home.id}/house`)]
    expect(shown).to.deep.equal(Array(3).fill(content))
  }

  it('stands when it came after the last put', async () => {
    await home.share(ben)
    await laterThanNow()
    expect(await phone.delete('gone')).to.equal(true)
    await expectEverywhere({ kept: 'kept' })
  })

  it('stands when it came first and the share after it', async () => {
    await phone.delete('gone')
    await laterThanNow()
    await home.share(ben)
    await expectEverywhere({ kept: 'kept' })
  })

  it('gives way to a put that came later', async () => {
    await home.share(ben)
    await phone.delete('gone')
    await laterThanNow()
    await home.put('gone', 'again')
    await expectEverywhere({ gone: 'again', kept: 'kept' })
  })

  it('gives way to a put by the same device', async () => {
    await home.share(ben)
    await phone.namespaces.write('house', table =>
      table.batch([
        { type: 'delete', key: 'gone' },
        { type: 'put', key: 'gone', value: new TextEncoder().encode('again') }
      ])
    )
    await phone.delete('kept')
    await phone.put('kept', 'again')
    await expectEverywhere({ gone: 'again', kept: 'again' })
  })

  it('is done in the share also when devices start anew between', async () => {
    await home.share(ben)
    await laterThanNow()
    await phone.delete('gone')
    await Promise.all([home, phone].map(device => device.restart()))
    await expectEverywhere({ kept: 'kept' })
  })

  it('is done in the share, as a put is, by a device that knows', async () => {
    await home.share(ben)
    await laterThanNow()
    await phone.delete('gone')
    await phone.put('new')
    while (await give(phone.replica, home.replica));
    await home.namespaces.settled()
    expect(await home.content()).to.deep.equal({ kept: 'kept', new: 'new' })
  })

  it('in the share is not undone by what it wrote before', async () => {
    await phone.put('gone', 'by the phone')
    await laterThanNow()
    await home.share(ben)
    await home.delete('gone')
    await expectEverywhere({ kept: 'kept' })
  })
})
