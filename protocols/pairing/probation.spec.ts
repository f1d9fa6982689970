import { expect } from 'chai'
import { levelAt } from '../../crdt/identity/index.ts'
import { probationMs } from './index.ts'
import { codeOf, collect, NewDevice, type PairingTwin, PairingWorld, pair } from './pairing.fixture.ts'

const hour = 3_600_000

describe('a new device', () => {
  let world: PairingWorld
  let twin: PairingTwin
  beforeEach(async () => {
    world = new PairingWorld()
    twin = await world.twin()
  })

  function levelOf(number: number): string {
    const { certificate } = twin.list.device(number)!
    return levelAt(certificate.scopes, world.now(), one => twin.list.isRevoked(one))
  }

  /** The first device, which is trusted at once; answers its number */
  async function claim(): Promise<number> {
    const { link } = await twin.owner().claim({})
    return (await new NewDevice().join(twin, link)).number
  }

  it('on probation lets nobody in, until a second device of the twin has spoken for it', async () => {
    const first = await claim()
    expect(levelOf(first)).to.equal('trusted')
    const { number } = (await pair(twin, { device: 1 })).paired
    const refused = await twin
      .owner({ device: number, level: 'normal' })
      .offer({})
      .catch(error => error)
    expect(refused).to.include({ code: 'PermissionDenied' })
    expect(refused.message).to.match(/This device is new/)
    const trust = (device: number) => codeOf(twin.owner({ device, level: 'trusted' }).trust({ number }))
    expect([await trust(1), await trust(number)]).to.deep.equal(['FailedPrecondition', 'FailedPrecondition'])
    expect(levelOf(number)).to.equal('normal')
    expect(await trust(first)).to.equal('none')
    expect(levelOf(number)).to.equal('trusted')
  })

  it('is spoken for at another node too, which passes on who asks; nobody else may say for whom', async () => {
    const office = await world.node(twin, 2)
    office.keeper = twin
    const { paired } = await pair(twin, { device: 1 })
    const { number } = paired
    await office.replica.init.directory.receive(twin.replica.twin, paired.records)
    const browser = twin.owner({ device: 1, level: 'trusted' })
    expect(await codeOf(browser.trust({ number, by: 9 }))).to.equal('FailedPrecondition')
    expect(await codeOf(office.owner({ device: 1 }).trust({ number }))).to.equal('FailedPrecondition')
    await office.owner().trust({ number })
    expect(levelOf(number)).to.equal('trusted')
  })

  it('is refused on sight by a node that does not keep the list', async () => {
    const office = await world.node(twin, 2)
    const { paired } = await pair(twin)
    await office.replica.init.directory.receive(twin.replica.twin, paired.records)
    const { number } = paired
    const answer = await office.owner().notMe({ number })
    // Nothing is promised: who keeps the list may be an older release
    expect(answer).to.deep.equal({ revoked: [number], takenBack: [], waitsFor: 'test' })
    expect(office.list.isRevoked(number)).to.equal(true)
    expect(twin.list.isRevoked(number)).to.equal(false)
    const isRecorded = recorded(twin, number)
    await twin.replica.init.directory.receive(twin.replica.twin, office.list.all())
    expect(twin.list.isRevoked(number)).to.equal(true)
    await isRecorded
    expect(twin.list.device(number)!.revoked!.cuts).to.deep.equal([])
  })

  it('is taken back by who keeps the list, when another node is told', async () => {
    const office = await world.node(twin, 2)
    office.keeper = twin
    const thief = (await pair(twin)).paired.number
    const { paired } = await pair(twin, { device: thief, level: 'trusted' })
    await office.replica.init.directory.receive(twin.replica.twin, paired.records)
    const both = [thief, paired.number]
    expect(await office.owner().notMe({ number: thief })).to.deep.equal({ revoked: both, takenBack: both })
    expect(both.map(number => office.list.isRevoked(number))).to.deep.equal([true, true])
    expect(both.map(number => twin.list.device(number)!.revoked?.cuts)).to.deep.equal([[], []])
  })

  it('is not let in by a link of a device that was revoked meanwhile', async () => {
    await pair(twin, { device: 1 })
    const { offer, link } = await twin.owner({ device: 2, level: 'trusted' }).offer({})
    const device = new NewDevice()
    const joining = codeOf(device.join(twin, link))
    const digits = await device.digits()
    await twin.replica.spaces.revokeDevice(2)
    expect(await codeOf(twin.owner().approve({ offer, digits }))).to.equal('FailedPrecondition')
    expect(await joining).to.equal('refused')
  })

  it('is told of at once, after an hour and after a day, for three days', async () => {
    await pair(twin, { device: 1 })
    const seen: number[] = []
    const stop = new AbortController()
    const following = (async () => {
      for await (const notice of twin.owner().notices({ follow: true }, { signal: stop.signal })) {
        expect(notice).to.include({ number: 2, name: 'laptop', platform: 'Firefox on Linux', place: 'network', by: 1 })
        seen.push(notice.reminder)
        if (notice.reminder === 0) void world.advance(hour + 1)
        else if (notice.reminder === 1) void world.advance(23 * hour + 1)
        else return
      }
    })()
    await following
    stop.abort()
    expect(seen).to.deep.equal([0, 1, 2])
    expect(await collect(twin.owner().notices({}))).to.have.length(1)
    await world.advance(48 * hour)
    expect(await collect(twin.owner().notices({}))).to.deep.equal([])
  })

  it('is on probation again when the device that spoke for it is taken back', async () => {
    const first = await claim()
    const [one, other] = [(await pair(twin, { device: 1 })).paired, (await pair(twin, { device: 1 })).paired]
    await twin.owner({ device: first, level: 'trusted' }).trust({ number: other.number })
    await twin.owner({ device: other.number, level: 'trusted' }).trust({ number: one.number })
    expect(levelOf(one.number)).to.equal('trusted')
    expect(await twin.owner().notMe({ number: other.number }))
      .to.have.property('revoked')
      .that.deep.equals([other.number])
    expect(levelOf(one.number)).to.equal('normal')
    const notices = await collect(twin.owner().notices({}))
    const notice = notices.find(({ number }) => number === one.number)
    expect(notice).to.have.property('probationUntil', notice!.until)
  })

  it('that was not the owner is refused at once, with what it let in and the links it made', async () => {
    const thief = (await pair(twin, { device: 1 })).paired.number
    const caller = { device: thief, level: 'trusted' } as const
    const second = (await pair(twin, caller)).paired.number
    await twin.owner(caller).offer({})
    const answer = await twin.owner().notMe({ number: thief })
    expect(answer).to.deep.equal({ revoked: [thief, second], takenBack: [thief, second] })
    expect([thief, second].map(number => twin.list.isRevoked(number))).to.deep.equal([true, true])
    expect(await collect(twin.owner().offers({}))).to.deep.equal([])
    expect(await collect(twin.owner().notices({}))).to.deep.equal([])
  })

  it('is not new any more after three days', async () => {
    await pair(twin)
    await world.advance(probationMs + 1)
    const late = await twin
      .owner()
      .notMe({ number: 2 })
      .catch(error => error)
    expect(late).to.include({ code: 'FailedPrecondition' })
    expect(late.message).to.match(/twin devices revoke/)
    expect(await codeOf(twin.owner().notMe({ number: 1 }))).to.equal('FailedPrecondition')
    expect(await codeOf(twin.owner().notMe({ number: 7 }))).to.equal('NotFound')
  })
})

/** Waits until who keeps the list has recorded what was said on sight. */
function recorded({ replica }: PairingTwin, number: number): Promise<void> {
  return new Promise(resolve => {
    const stop = replica.init.directory.onChange(({ list }) => {
      if (list.device(number)?.revoked === undefined) return
      stop()
      resolve()
    })
  })
}
