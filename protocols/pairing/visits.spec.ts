import { expect } from 'chai'
import { isCurrent, isDueForRenewal, isVisit, renewCertificate, visitLifetimeMs } from '../../crdt/identity/index.ts'
import { isOverPlainHttp, textToPairingLink } from './index.ts'
import { codeOf, collect, NewDevice, type PairingTwin, PairingWorld, pair } from './pairing.fixture.ts'

const overHttp = 'http://192.0.2.7:4180/'

describe('a device that comes over plain http', () => {
  let world: PairingWorld
  let twin: PairingTwin
  beforeEach(async () => {
    world = new PairingWorld()
    twin = await world.twin()
    twin.opens = overHttp
  })

  const certificateOf = (number: number) => twin.list.device(number)!.certificate
  const revoked = (of: PairingTwin, number: number) =>
    of.list.isRevoked(number)
      ? Promise.resolve()
      : new Promise<void>(resolve => {
          of.replica.init.directory.onChange(({ list }) => list.isRevoked(number) && resolve())
        })

  it('only looks, for one hour, whatever the link was asked to allow and whatever it says of itself', async () => {
    for (const level of ['normal', 'view', undefined] as const) {
      const { offer, link } = await twin.owner().offer({ ...(level !== undefined && { level }) })
      expect(link.startsWith(`${overHttp}#pair/`)).to.equal(true)
      const opened = textToPairingLink(link, 0)
      expect(opened.level).to.equal('view')
      // A page that was changed on the way asks for more
      const greedy = new NewDevice()
      const asked = codeOf(
        greedy.join(twin, link.replace('192.0.2.7', '127.0.0.1'), { link: { ...opened, level: 'normal' } })
      )
      expect(await asked).to.equal('impostor')
      await twin.owner().refuse({ offer })
    }
    const { number } = (await pair(twin, {}, { level: 'normal' })).paired
    const { scopes, issued, expires } = certificateOf(number)
    expect(scopes).to.include('level.view')
    expect(scopes.filter(scope => scope.startsWith('probation.'))).to.deep.equal([])
    expect(expires - issued).to.equal(visitLifetimeMs)
    const caller = { device: number, level: 'view' } as const
    expect(await codeOf(twin.owner(caller).offer({}))).to.equal('PermissionDenied')
    expect(await codeOf(twin.owner(caller).approve({ offer: new Uint8Array(16), digits: '000000' }))).to.equal(
      'PermissionDenied'
    )
  })

  it('is never the first device of a twin', async () => {
    expect(await codeOf(twin.owner().claim({}))).to.equal('FailedPrecondition')
    expect(await collect(twin.owner().offers({}))).to.deep.equal([])
  })

  it('is let in by the device that keeps the list, which also sees to its end, and by no other', async () => {
    const office = await world.node(twin, 2)
    office.keeper = twin
    office.opens = overHttp
    expect(await codeOf(office.owner().offer({}))).to.equal('FailedPrecondition')
    office.opens = 'https://console.example/'
    expect((await office.owner().offer({})).link).to.include('https://console.example/#pair/')
  })

  it('is shut out when the hour is over, and not before', async () => {
    const { number } = (await pair(twin)).paired
    await world.advance(visitLifetimeMs - 60_000)
    expect(twin.list.isRevoked(number)).to.equal(false)
    const end = revoked(twin, number)
    await world.advance(60_000)
    await end
    expect(twin.list.device(number)).to.have.property('revoked')
  })

  it('is shut out by the next start when the hour was over while nothing ran', async () => {
    const { number } = (await pair(twin)).paired
    await twin.service.stop()
    await world.advance(visitLifetimeMs)
    expect(twin.list.isRevoked(number)).to.equal(false)
    const end = revoked(twin, number)
    await twin.service.start()
    await end
    expect(twin.list.device(number)).to.have.property('revoked')
  })

  it('is refused on sight by a node that is on its own when the hour is over', async () => {
    const office = await world.node(twin, 2)
    const { paired } = await pair(twin)
    await twin.service.stop()
    await office.replica.init.directory.receive(twin.replica.twin, paired.records)
    const end = revoked(office, paired.number)
    await world.advance(visitLifetimeMs)
    await end
    expect(office.list.device(paired.number)).not.to.have.property('revoked')
  })

  it('stays for no longer when its certificate is renewed, and is not current a moment after its end', async () => {
    const { number } = (await pair(twin)).paired
    const before = certificateOf(number)
    expect(isDueForRenewal(before, before.expires - 1)).to.equal(false)
    const { me, directory } = twin.replica.init
    await directory.decide(me.twin, async list => {
      const renewed = await renewCertificate(before, me.signer, { at: world.now(), name: 'phone' })
      await list.renew(renewed, me.signer, world.now())
    })
    const { name, expires } = certificateOf(number)
    expect({ name, expires }).to.deep.equal({ name: 'phone', expires: before.expires })
    expect([before.expires - 1, before.expires].map(now => isCurrent(certificateOf(number), now))).to.deep.equal([
      true,
      false
    ])
  })

  it('is nobody who came over https or from this machine, nor one that looks for good', async () => {
    for (const base of ['https://console.example/', 'http://127.0.0.1:4180/', 'http://localhost/', 'http://[::1]:1/']) {
      twin.opens = base
      const { number } = (await pair(twin, {}, { level: 'view' })).paired
      expect(isVisit(certificateOf(number)), base).to.equal(false)
    }
    const plain = ['http://192.0.2.7/', 'http://twin.local:4180/', 'http://127.0.0.1.evil.test/', 'http://[fd00::1]/']
    expect(plain.filter(isOverPlainHttp)).to.deep.equal(plain)
  })
})
