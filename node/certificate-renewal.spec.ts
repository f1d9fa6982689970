import { expect } from 'chai'
import type { DeviceList } from '../crdt/identity/index.ts'
import { keyValue } from '../crdt/key-value/index.ts'
import {
  addDevice,
  exchange,
  memoryDatabase,
  openTwins,
  reopen,
  type TestReplica,
  text
} from '../crdt/spaces/replicas.fixture.ts'
import { silentLogger } from '../protocols/core/index.ts'
import { ManualClock, settle } from '../protocols/core/manual-clock.fixture.ts'
import { day, Person, start } from '../protocols/hello/hello.fixture.ts'
import { CertificateRenewal, renewalPauseMs } from './certificate-renewal.ts'

/** Renewal at a device of a person, by the person's own clock. */
function renewalOf(person: Person, clock = new ManualClock()): CertificateRenewal {
  const me = { twin: person.twin, signer: person.keys.signing }
  return new CertificateRenewal({ me, directory: person.directory, log: silentLogger, clock, now: () => person.now })
}

const expiries = (list: DeviceList) => list.devices().map(({ certificate }) => (certificate.expires - start) / day)

describe('renewal of certificates', () => {
  const people: Person[] = []
  const renewals: CertificateRenewal[] = []
  const person = async (...args: Parameters<typeof Person.make>): Promise<Person> => {
    const made = await Person.make(...args)
    people.push(made)
    return made
  }
  const renewing = async (of: Person, clock?: ManualClock) => {
    const renewal = renewalOf(of, clock)
    renewals.push(renewal)
    await renewal.start()
  }
  afterEach(async () => {
    for (const renewal of renewals.splice(0)) await renewal.stop()
    for (const made of people.splice(0)) await made.stop()
  })

  it('the keeper renews its own certificate and those of others once two thirds of their life are over', async () => {
    const home = await person()
    await person(home, 2)
    const clock = new ManualClock()
    await renewing(home, clock)
    home.now = start + 19 * day
    await clock.advance(renewalPauseMs)
    expect(expiries(home.list)).to.deep.equal([30, 30])
    home.now = start + 20 * day
    const renewed = new Promise<void>(resolve => {
      home.directory.onChange(({ list }) => expiries(list).every(days => days === 50) && resolve())
    })
    await clock.advance(renewalPauseMs)
    await renewed
    expect(expiries(home.list)).to.deep.equal([50, 50])
    expect(home.list.devices().map(({ certificate }) => certificate.number)).to.deep.equal([1, 2])
  })

  it('a device that does not keep the list renews nothing, and a revoked one is never renewed', async () => {
    const home = await person()
    const phone = await person(home, 2)
    for (const each of [home, phone]) each.now = start + 25 * day
    await renewing(phone)
    await settle()
    expect(expiries(phone.list)).to.deep.equal([30, 30])
    await home.decide(list => list.revoke(2, [], home.keys.signing, home.now))
    await renewing(home)
    expect(expiries(home.list)).to.deep.equal([55, 30])
  })

  it('a device that takes the list over renews what is due at once', async () => {
    const home = await person()
    const phone = await person(home, 2)
    phone.now = start + 25 * day
    await renewing(phone)
    const renewed = new Promise<void>(resolve => {
      phone.directory.onChange(({ list }) => expiries(list).every(days => days === 55) && resolve())
    })
    await phone.decide(list => list.takeOver(phone.keys.signing.publicKey, phone.phrase.owner, phone.now))
    await renewed
    expect(expiries(phone.list)).to.deep.equal([55, 55])
  })

  it('a device whose certificate has run out is told so, and is let in again with the renewed one', async () => {
    const [friend, home] = [await person(), await person()]
    const phone = await person(home, 2)
    friend.befriend(home)
    for (const each of [friend, home, phone]) each.now = start + 40 * day
    const refused: unknown[] = []
    phone.onAnswer = reason => refused.push(reason)
    await phone.greet(friend)
    expect(await friend.callerOf(phone))
      .to.include({ class: 'stranger' })
      .and.not.have.property('twin')
    expect(refused).to.deep.equal(['expired'])
    // The keeper was off as long; it renews both when it starts, and the phone hears of it from there
    await renewing(home)
    expect(await home.callerOf(phone)).to.include({ class: 'owner', device: 2 })
    await phone.greet(home)
    expect(expiries(phone.list)).to.deep.equal([70, 70])
    await phone.greet(friend)
    expect(await friend.callerOf(phone)).to.include({ class: 'contact', twin: home.id, device: 2 })
    expect(refused).to.deep.equal(['expired', undefined, undefined])
  })
})

describe('history of devices whose certificates ran out', function () {
  this.timeout(60_000)

  it('stays readable, for those who had it and for those who come later, before and after the renewal', async () => {
    const [home, friend] = (await openTwins(2)) as [TestReplica, TestReplica]
    const phone = await addDevice(home, 2, [home, friend], { scopes: [] })
    await exchange(home, phone)
    const space = await home.spaces.create({ kind: 'shared', name: 'k', members: [friend.twin] })
    await exchange(home, phone, friend)
    await keyValue(phone.spaces.get(space.id)!, 'k').put('by', text('phone'))
    await exchange(home, phone, friend)
    const read = async (replica: TestReplica) => (await keyValue(replica.spaces.get(space.id)!, 'k').get('by'))?.value
    // Certificates of the fixture are good for a day
    const later = () => Date.now() + 10 * day
    const late = await addDevice(friend, 3, [friend, home], { spaces: { clock: later, db: memoryDatabase() } })
    await late.init.directory.receive(home.twin, home.init.directory.get(home.twin)!.all())
    await exchange(friend, late)
    expect(await read(late)).to.deep.equal(text('phone'))
    const me = { twin: home.twin, signer: home.init.me.signer }
    const renewal = new CertificateRenewal({ me, directory: home.init.directory, log: silentLogger, now: later })
    await renewal.start()
    await renewal.stop()
    const { certificate } = home.init.directory.get(home.twin)!.device(2)!
    expect(certificate.expires).to.be.above(later())
    for (const replica of [friend, late, phone]) {
      await replica.init.directory.receive(home.twin, home.init.directory.get(home.twin)!.since())
      expect(await read(await reopen(replica))).to.deep.equal(text('phone'))
    }
  })
})
