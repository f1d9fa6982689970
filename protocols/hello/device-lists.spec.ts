import { expect } from 'chai'
import { settle } from '../core/manual-clock.fixture.ts'
import { Person, start } from './hello.fixture.ts'
import { sayFarewell } from './index.ts'

describe('hello and device lists', () => {
  const people: Person[] = []
  const person = async (...args: Parameters<typeof Person.make>): Promise<Person> => {
    const made = await Person.make(...args)
    people.push(made)
    return made
  }
  afterEach(async () => {
    for (const made of people.splice(0)) await made.stop()
  })

  it('ends the connections of a device at once when it is revoked, and takes it for a stranger', async () => {
    const ann = await person()
    const [phone, ben] = [await person(ann, 2), await person()]
    ben.befriend(ann)
    await phone.greet(ben)
    expect(await ben.callerOf(phone)).to.include({ class: 'contact', device: 2 })
    await ann.decide(list => list.revoke(2, [], ann.keys.signing, start))
    // Somebody tells Ben
    await ann.greet(ben)
    expect(ben.closed).to.include(phone.peer)
    expect(await ben.callerOf(phone)).to.deep.equal({ class: 'stranger', peer: phone.peer })
  })

  it('tells a revoked device of its twin so, also where the list is longer than a hello', async () => {
    const me = await person()
    const stolen = await person(me, 2)
    const cuts = Array.from({ length: 3000 }, (_, n) => ({
      space: new Uint8Array(32).fill(n & 255).fill(n >> 8, 16),
      seq: 1,
      hash: new Uint8Array(32)
    }))
    await me.decide(list => list.revoke(2, cuts, me.keys.signing, start))
    const ours = { twin: me.twin, transport: me.keys.transport.publicKey }
    await sayFarewell({ me: ours, directory: me.directory, channel: me.channelTo(stolen) })
    expect(stolen.list.isRevoked(2)).to.equal(true)
    expect(stolen.list.head).to.deep.equal(me.list.head)
  })

  it('ends connections on the word of any admin device, before the keeper has recorded it', async () => {
    const ann = await person()
    const [box, phone] = [await person(ann, 2), await person(ann, 3)]
    await box.directory.receive(ann.twin, ann.list.since())
    await phone.greet(box)
    expect((await box.callerOf(phone)).class).to.equal('owner')
    await box.decide(list => list.revokeOnSight(3, box.keys.signing, start))
    expect(box.closed).to.include(phone.peer)
    expect((await box.callerOf(phone)).class).to.equal('stranger')
  })

  it('does not believe a revoked device that brings the list from before', async () => {
    const ann = await person()
    const [phone, ben] = [await person(ann, 2), await person()]
    ben.befriend(ann)
    await ann.decide(list => list.revoke(2, [], ann.keys.signing, start))
    await ben.directory.receive(ann.twin, ann.list.since())
    expect(await phone.greet(ben)).to.include({ twin: ben.id })
    expect(await ben.callerOf(phone)).to.deep.equal({ class: 'stranger', peer: phone.peer })
    expect(ben.closed).to.include(phone.peer)
  })

  it('does not believe a device that its twin has not listed', async () => {
    const [ann, ben] = [await person(), await person()]
    const [term, seq, hash] = ann.list.head!
    const unlisted = await person(ann, 2)
    // Its certificate is good, but the records it brings end before it was listed
    await ben.hello.present(
      {
        certificate: await unlisted.certify({ number: 2 }),
        head: { term, seq, hash },
        records: ann.list.since().slice(0, 1)
      },
      {
        caller: ben.hello.peerOf({ remotePeer: unlisted.peer }),
        signal: new AbortController().signal,
        method: 'present',
        relayed: false,
        version: '1.0'
      }
    )
    expect((await ben.callerOf(unlisted)).twin).to.equal(undefined)
  })

  it('brings news of a third twin both ways between contacts', async () => {
    const [ann, ben, carl] = [await person(), await person(), await person()]
    for (const [one, other] of [
      [ann, ben],
      [ben, ann]
    ] as const) {
      one.befriend(other)
      one.shared.push(carl.twin)
      await one.directory.receive(other.twin, other.list.since())
      await one.directory.receive(carl.twin, carl.list.since())
    }
    const certificate = await (await person(carl, 2)).certify({ number: 7 })
    expect(certificate.length).to.be.greaterThan(0)
    await ann.directory.receive(carl.twin, carl.list.since())
    // Ben dials and fetches what Ann has newer
    await ben.greet(ann)
    expect(ben.directory.get(carl.twin)?.head).to.deep.equal(carl.list.head)
    // Ann is told of something newer by whoever dials her, and fetches it back
    await carl.decide(list => list.revoke(2, [], carl.keys.signing, start))
    await ben.directory.receive(carl.twin, carl.list.since())
    const heard = new Promise<void>(resolve => ann.directory.onChange(() => resolve()))
    await ben.greet(ann)
    await heard
    expect(ann.directory.get(carl.twin)?.isRevoked(2)).to.equal(true)
  })

  it('does not collect lists of twins that are nothing to us', async () => {
    const [ann, ben, carl] = [await person(), await person(), await person()]
    for (const [one, other] of [
      [ann, ben],
      [ben, ann]
    ] as const) {
      one.befriend(other)
      await one.directory.receive(other.twin, other.list.since())
    }
    ann.shared.push(carl.twin)
    await ann.directory.receive(carl.twin, carl.list.since())
    await ben.greet(ann)
    await settle()
    expect(ben.directory.get(carl.twin)).to.equal(undefined)
  })
})
