import { expect } from 'chai'
import {
  addDevice,
  openTwins,
  restoreAlone,
  sharedSpace,
  type TestReplica
} from '../../crdt/spaces/replicas.fixture.ts'
import { deviceTroubles } from './device-troubles.ts'
import { componentsOfReplica, examine } from './doctor.fixture.ts'

const day = 86_400_000

/** What the owner is told at a device of a replica, some days from now. */
function troubles({ init, spaces }: TestReplica, days = 0, refusing: string[] = []) {
  const facts = { directory: init.directory, spaces, deviceNumber: init.me.device, refusing: () => refusing }
  return deviceTroubles(facts, Date.now() + days * day)
}

describe('what status and doctor say of devices', () => {
  let home: TestReplica
  let phone: TestReplica
  beforeEach(async () => {
    ;[home] = (await openTwins(1)) as [TestReplica]
    phone = await addDevice(home, 2, [home])
  })
  const tell = (from: TestReplica, to: TestReplica) =>
    to.init.directory.receive(from.twin, from.init.directory.get(from.twin)!.since())

  it('nothing while all is well', async () => {
    expect([...troubles(home), ...troubles(phone)]).to.deep.equal([])
    const checks = await examine(componentsOfReplica(home, []))
    expect(checks.find(({ step }) => step === 'devices')).to.include({ result: 'good' })
  })

  it('a certificate that has run out or is about to, and which device renews it', () => {
    const [soon] = troubles(phone, 0.8)
    expect(soon).to.include({ code: 'certificate' })
    expect(soon!.message).to.match(/runs out in 0 days/)
    const [over] = troubles(phone, 3)
    expect(over!.message).to.match(/has run out/)
    expect(over!.next).to.match(/Start test \(1\)/)
    expect(troubles(phone, -3)[0]!.next).to.match(/clock/)
    expect(troubles(phone, 0, ['somebody'])[0]!.message).to.match(/1 connected peer says/)
  })

  it('that this device was revoked', async () => {
    await home.spaces.revokeDevice(2)
    await tell(home, phone)
    const [check] = (await examine(componentsOfReplica(phone, []))).filter(({ step }) => step === 'devices')
    expect(check).to.include({ result: 'problem' })
    expect(check!.detail).to.match(/was revoked/)
    expect(check!.next).to.match(/twin init --restore/)
  })

  it('a keeper that is revoked and still decides, and how it is taken over', async () => {
    expect(await phone.spaces.revokeDevice(1)).to.equal('on-sight')
    const [trouble] = troubles(phone)
    expect(trouble).to.include({ code: 'keeper' })
    expect(trouble!.next).to.equal('Take the list over: twin devices revoke 1 --kit FILE')
  })

  it('what a restore from the words alone brings back, until its devices before are revoked', async () => {
    const back = await restoreAlone(home, 300, [])
    expect(troubles(back)).to.deep.equal([])
    await back.init.directory.receive(home.twin, home.init.directory.get(home.twin)!.all())
    // They are listed again one after the other
    while (!/revoke 1; .*revoke 2/.test(troubles(back)[0]?.next ?? '')) await new Promise(setImmediate)
    const [trouble, ...others] = troubles(back)
    expect(others).to.deep.equal([])
    expect(trouble).to.include({ code: 'former' })
    expect(trouble!.next).to.match(/twin devices revoke 1; twin devices revoke 2$/)
    for (const number of [1, 2]) expect(await back.spaces.revokeDevice(number)).to.equal('recorded')
    expect(troubles(back)).to.deep.equal([])
    await back.spaces.stop()
  })

  it('a revocation that the keeper has not recorded', async () => {
    const tablet = await addDevice(home, 3, [home, phone])
    await tablet.spaces.revokeDevice(2)
    const [trouble] = troubles(tablet)
    expect(trouble).to.include({ code: 'revocation', next: 'Start test (1)' })
  })

  it('a space that one was removed from', async () => {
    const [one, other] = (await openTwins(2)) as [TestReplica, TestReplica]
    const [space] = await sharedSpace([one, other])
    await one.spaces.removeMember(space!, other.twin)
    const { replica } = one.spaces
    const { records } = replica.records(space!.id, undefined, other.twin)
    await other.spaces.replica.receiveRecords(space!.id, records, [], replica.self)
    const checks = await examine(componentsOfReplica(other, [one]))
    const removed = checks.filter(({ step, result }) => step === 'space' && result === 'problem')
    expect(removed.map(({ detail }) => detail)).to.deep.equal([
      'Namespace shared: you were removed from it; what was there before stays readable here'
    ])
  })
})
