import { expect } from 'chai'
import { keyValue } from '../../crdt/key-value/index.ts'
import { type Device, Household, laterThanNow } from './household.fixture.ts'

describe('a namespace that two devices shared while apart', () => {
  let world: Household
  let home: Device
  let phone: Device
  let ben: Device
  let cid: Device
  let theirs: string

  beforeEach(async () => {
    world = await Household.make(2)
    ;({ home, phone } = world)
    ;[ben, cid] = world.people as [Device, Device]
    theirs = `${home.id}/house`
  })
  afterEach(() => world.stop())

  /** Home with Ben, the phone with Cid, who use it before the devices meet. */
  async function shareApart(): Promise<void> {
    await home.put('both', 'before')
    await world.meet(home, phone)
    await home.put('home')
    await phone.put('phone')
    await home.share(ben)
    await phone.share(cid)
    await world.meet(home, ben)
    await world.meet(phone, cid)
    await ben.put('ben', 'ben', theirs)
    await cid.put('cid', 'cid', theirs)
  }
  /** The device whose space is the namespace, and the other; with who each shared it with. */
  const inOrder = () => {
    const [mine, other] = [home, phone].map(({ spaces }) => spaces.list().find(({ name }) => name === 'house')!.text)
    return mine! < other! ? { first: home, last: phone, guest: cid } : { first: phone, last: home, guest: ben }
  }
  const everywhere = async () => [
    ...(await Promise.all([home, phone].map(device => device.content()))),
    ...(await Promise.all([ben, cid].map(device => device.content(theirs))))
  ]
  const expectEverywhere = async (content: Record<string, string>) =>
    expect(await everywhere()).to.deep.equal(Array(4).fill(content))

  it('is one afterwards, with the entries and the members of both, on every device and for everybody', async () => {
    await shareApart()
    await world.meet()
    await expectEverywhere({ ben: 'ben', both: 'before', cid: 'cid', home: 'home', phone: 'phone' })
    const members = [ben.id, cid.id].sort()
    for (const device of [home, phone]) {
      expect(await device.list()).to.deep.equal([{ name: 'house', kind: 'shared', members }])
    }
    for (const person of [ben, cid]) {
      const others = [home.id, ben.id, cid.id].filter(id => id !== person.id).sort()
      expect(await person.list()).to.deep.equal([{ name: theirs, kind: 'received', members: others }])
      expect([...person.namespaces.offers()]).to.deep.equal([])
    }
    // And it is one that all write to
    for (const [index, device] of world.all.entries()) {
      await device.put('last', `${index}`, index < 2 ? 'house' : theirs)
      await world.meet()
      for (const content of await everywhere()) expect(content.last).to.equal(`${index}`)
    }
  })

  it('is the same one whatever the order in which devices learn, and after a restart', async () => {
    await shareApart()
    const { last, first, guest } = inOrder()
    await world.meet(last, guest)
    await world.meet(first, last)
    await Promise.all([home, phone].map(device => device.restart()))
    await world.meet()
    await expectEverywhere({ ben: 'ben', both: 'before', cid: 'cid', home: 'home', phone: 'phone' })
    const places = [home, phone, ben, cid].map(async device => {
      const { version } = (await (
        await device.namespaces.read(world.people.includes(device) ? theirs : 'house')
      ).get('home'))!
      return version
    })
    expect(new Set(await Promise.all(places)).size).to.equal(1)
  })

  it('keeps the time of each entry, so that what was written last stands', async () => {
    await home.put('older', 'before')
    await home.put('newer', 'before')
    await world.meet(home, phone)
    await home.share(ben)
    await phone.share(cid)
    const { first, last } = inOrder()
    await first.put('older', 'by the first')
    await laterThanNow()
    await last.put('older', 'by the last')
    await last.put('newer', 'by the last')
    await laterThanNow()
    await first.put('newer', 'by the first')
    await world.meet()
    await expectEverywhere({ newer: 'by the first', older: 'by the last' })
  })

  it('has what a member who was away wrote to the other space, and what that one deleted there', async () => {
    await shareApart()
    await world.meet(home, phone)
    const { guest } = inOrder()
    await laterThanNow()
    await guest.put('late', 'late', theirs)
    await guest.put('both', 'late', theirs)
    await guest.delete(guest === ben ? 'home' : 'phone', theirs)
    await world.meet()
    const expected: Record<string, string> = { ben: 'ben', both: 'late', cid: 'cid', late: 'late' }
    expected[guest === ben ? 'phone' : 'home'] = guest === ben ? 'phone' : 'home'
    await expectEverywhere(expected)
  })

  it('shows a member all that it had until the place of it has that too', async () => {
    await shareApart()
    const { first, guest, last } = inOrder()
    const before = await guest.content(theirs)
    // Hears of the space that is to be from somebody who does not have the other
    await first.namespaces.share('house', guest.id)
    const between = guest === ben ? cid : ben
    await world.meet(first, between)
    await world.meet(between, guest)
    expect(guest.spaces.list().filter(({ name, state }) => name === 'house' && state === 'open')).to.have.length(2)
    expect(await guest.content(theirs)).to.deep.equal(before)
    await world.meet(first, last)
    await world.meet()
    await expectEverywhere({ ben: 'ben', both: 'before', cid: 'cid', home: 'home', phone: 'phone' })
  })

  it('does not bring back what was deleted in one of them later', async () => {
    await shareApart()
    const { first } = inOrder()
    await laterThanNow()
    await first.delete('both')
    await world.meet()
    for (const content of await everywhere()) expect(content).to.not.have.property('both')
    await Promise.all([home, phone].map(device => device.restart()))
    await world.meet()
    await first.delete('phone')
    await world.meet()
    await Promise.all([home, phone].map(device => device.restart()))
    await world.meet()
    await expectEverywhere({ ben: 'ben', cid: 'cid', home: 'home' })
  })

  it('leaves out who was removed, whatever is written to the other space', async () => {
    await shareApart()
    await world.meet()
    const { first, guest } = inOrder()
    const [place] = first.spaces
      .list()
      .filter(({ name }) => name === 'house')
      .sort((a, b) => (a.text < b.text ? -1 : 1))
    await first.spaces.removeMember(place!, guest.replica.twin)
    await laterThanNow()
    await world.meet()
    await guest.put('removed', 'removed', theirs).catch(() => {})
    const other = guest.spaces.list().find(({ name, text }) => name === 'house' && text !== place!.text)!
    await keyValue(other, 'default').put('sly', new Uint8Array())
    await world.meet()
    for (const device of [home, phone]) {
      expect(await device.content()).to.not.have.any.keys('removed', 'sly')
      expect((await device.list())[0]?.members).to.not.include(guest.id)
    }
  })
})
