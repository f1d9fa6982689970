import { expect } from 'chai'
import { claimTwin, scopesToPairing } from '../../crdt/identity/index.ts'
import { channelPair, createClient } from '../core/index.ts'
import pairingCompliance from './compliance.ts'
import { fetchPaired, maxOffers, pairingLinkToText, pairingProtocol, probationMs, textToPairingLink } from './index.ts'
import { codeOf, collect, crypto, NewDevice, PairingTwin, PairingWorld, pair } from './pairing.fixture.ts'
import { commit, secretToOffer } from './transcript.ts'

describe('pairing', () => {
  pairingCompliance(async () => {
    const world = new PairingWorld()
    const twin = await world.twin()
    return {
      owner: twin.owner(),
      newDevice: () => {
        const device = new NewDevice()
        return { join: link => device.join(twin, link), digits: () => device.digits() }
      },
      advance: ms => world.advance(ms),
      stop: () => twin.server.stop()
    }
  })

  let world: PairingWorld
  let twin: PairingTwin
  beforeEach(async () => {
    world = new PairingWorld()
    twin = await world.twin()
  })

  it('puts the device on the list as what was agreed on, signed, with the next number', async () => {
    const { paired } = await pair(twin, { device: 1 }, { level: 'view', name: 'kitchen' })
    expect(paired).to.include({ number: 2, id: paired.id })
    expect(paired.addresses).to.deep.equal(['/ip4/127.0.0.1/tcp/4001/ws'])
    expect(paired.recovery).to.deep.equal(twin.replica.init.me.recovery)
    const { certificate } = twin.list.device(2)!
    expect(certificate).to.include({ role: 'browser', name: 'kitchen' })
    const { at, ...agreed } = scopesToPairing(certificate.scopes)!
    expect(agreed).to.deep.equal({ level: 'view', by: 1, probationUntil: at + probationMs })
    const next = await pair(twin)
    expect(next.paired.number).to.equal(3)
  })

  it('shows the owner who came, from where, and what it will be allowed', async () => {
    const owner = twin.owner()
    const { offer, link } = await owner.offer({})
    const device = new NewDevice()
    const states = []
    const joining = device.join(twin, link)
    for await (const view of owner.watch({ offer })) {
      states.push(view.state)
      if (view.state !== 'waiting') continue
      expect(view.newcomer).to.deep.equal({
        name: 'laptop',
        platform: 'Firefox on Linux',
        role: 'browser',
        place: 'network'
      })
      expect(view.level).to.equal('normal')
      await owner.approve({ offer, digits: await device.digits() })
    }
    expect(states.slice(-2)).to.deep.equal(['waiting', 'done'])
    expect((await joining).number).to.equal(2)
  })

  it('a claim shows the same three words on both sides', async () => {
    const owner = twin.owner()
    const { offer, link } = await owner.claim({})
    const device = new NewDevice()
    await device.join(twin, link)
    const views = await collect(owner.watch({ offer }))
    expect(views.at(-1)).to.include({ state: 'done', number: 2, words: device.shown!.words })
    expect(device.shown!.words).to.match(/^\w+ \w+ \w+$/)
    expect(scopesToPairing(twin.list.device(2)!.certificate.scopes)).to.not.have.property('probationUntil')
  })

  it('whoever stands between sees other digits on the two sides', async () => {
    const mallory = await world.twin()
    const { offer, link } = await twin.owner().offer({})
    const fake = await mallory.owner().offer({})
    const [victim, own] = [new NewDevice(), new NewDevice()]
    // The victim is led to another twin, and whoever leads it there goes to the real one with the victim's link
    const [led, joined] = [victim.join(mallory, fake.link), own.join(twin, link)]
    const [victims, theirs] = [await victim.digits(), await own.digits()]
    expect(victims).to.not.equal(theirs)
    expect(await codeOf(twin.owner().approve({ offer, digits: victims }))).to.equal('FailedPrecondition')
    expect(await codeOf(joined)).to.equal('burnt')
    await mallory.owner().refuse({ offer: fake.offer })
    expect(await codeOf(led)).to.equal('refused')
  })

  it('a channel of another peer than the keys say burns the link', async () => {
    const { link } = await twin.owner().offer({})
    const device = new NewDevice()
    const channel = new NewDevice().channelTo(twin)
    expect(await codeOf(device.join(twin, link, { channel }))).to.equal('burnt')
  })

  it('keys that were not committed to burn the link', async () => {
    const { offer, link } = await twin.owner().offer({})
    const { secret, twin: id } = textToPairingLink(link, 0)
    const device = new NewDevice()
    const client = createClient(pairingProtocol, device.channelTo(twin))
    const { keys, ...claims } = await claimTwin(id, device.keys)
    const newcomer = { ...keys, ...claims, role: 'browser', name: 'laptop', platform: '' } as const
    const [nonce, other] = [crypto.randomBytes(32), crypto.randomBytes(32)]
    expect(secretToOffer(secret, id, crypto)).to.deep.equal(offer)
    await client.begin({ offer, commitment: commit(offer, nonce, newcomer, crypto) })
    expect(await codeOf(client.reveal({ offer, nonce: other, newcomer }))).to.equal('FailedPrecondition')
    expect(await codeOf(client.reveal({ offer, nonce, newcomer }))).to.equal('NotFound')
    expect(await client.result({ offer })).to.deep.equal({ state: 'burnt' })
  })

  it('a link that was changed to promise more is not followed', async () => {
    const { link } = await twin.owner().offer({ level: 'view' })
    const changed = pairingLinkToText({ ...textToPairingLink(link, 0), level: 'normal' }, '')
    expect(await codeOf(new NewDevice().join(twin, changed))).to.equal('impostor')
  })

  it('a wrong secret burns nothing, and guesses are counted', async () => {
    const { offer, link } = await twin.owner().offer({})
    const guesser = createClient(pairingProtocol, new NewDevice().channelTo(twin))
    const guess = () => codeOf(guesser.begin({ offer: new Uint8Array(16), commitment: new Uint8Array(32) }))
    const codes = []
    for (let tries = 0; tries < 60; tries++) codes.push(await guess())
    expect(codes.slice(0, 40)).to.deep.equal(Array(40).fill('NotFound'))
    expect(codes).to.include('ResourceExhausted')
    const device = new NewDevice()
    const joining = device.join(twin, link)
    await twin.owner().approve({ offer, digits: await device.digits() })
    expect((await joining).number).to.equal(2)
  })

  it('what was sent once is worth nothing a second time', async () => {
    const { link, paired } = await pair(twin)
    expect(await codeOf(new NewDevice().join(twin, link))).to.equal('unknown')
    const again = await twin.owner().offer({})
    const device = new NewDevice()
    const joining = device.join(twin, again.link)
    await device.digits()
    const replay = createClient(pairingProtocol, device.channelTo(twin))
    const request = { offer: again.offer, commitment: new Uint8Array(32) }
    expect(await codeOf(replay.begin(request))).to.equal('FailedPrecondition')
    await twin.owner().approve({ offer: again.offer, digits: await device.digits() })
    expect((await joining).number).to.equal(paired.number + 1)
  })

  it('two links at once let in two devices, each with its own digits', async () => {
    const owner = twin.owner()
    const [one, other] = [await owner.offer({}), await owner.offer({ level: 'view' })]
    const [first, second] = [new NewDevice(), new NewDevice()]
    const joining = [first.join(twin, one.link), second.join(twin, other.link)]
    const digits = [await first.digits(), await second.digits()]
    expect(await collect(owner.offers({}))).to.have.length(2)
    await Promise.all([
      owner.approve({ offer: one.offer, digits: digits[0]! }),
      owner.approve({ offer: other.offer, digits: digits[1]! })
    ])
    const numbers = (await Promise.all(joining)).map(({ number }) => number)
    expect(numbers.sort()).to.deep.equal([2, 3])
    for (let open = 0; open < maxOffers; open++) await owner.offer({})
    expect(await codeOf(owner.offer({}))).to.equal('FailedPrecondition')
  })

  it('a second device with the same link is told, and so is the owner', async () => {
    const owner = twin.owner()
    const { offer, link } = await owner.offer({})
    const device = new NewDevice()
    const joining = codeOf(device.join(twin, link))
    await device.digits()
    expect(await codeOf(new NewDevice().join(twin, link))).to.equal('taken')
    const [view] = await collect(owner.offers({}))
    expect(view).to.include({ state: 'waiting', contested: true })
    await owner.refuse({ offer })
    expect(await joining).to.equal('refused')
  })

  it('another node asks the one that keeps the list, and says when that is away', async () => {
    const office = await world.node(twin, 2)
    const owner = office.owner()
    const { offer, link } = await owner.offer({})
    const device = new NewDevice()
    const joining = device.join(office, link)
    const digits = await device.digits()
    const away = await owner.approve({ offer, digits }).catch(error => error)
    expect(away).to.include({ code: 'Unavailable' })
    expect(away.message).to.match(/test keeps the device list and is not reached/)
    office.keeper = twin
    await owner.approve({ offer, digits })
    expect((await joining).number).to.equal(3)
    expect(scopesToPairing(twin.list.device(3)!.certificate.scopes)).to.include({ by: 2 })
    expect(office.list.device(3)?.certificate.name).to.equal('laptop')
  })

  it('a device that was approved is told so after the connection, and the twin, had broken', async () => {
    const { offer, link } = await twin.owner().offer({})
    const device = new NewDevice()
    const channel = device.channelTo(twin)
    const joining = codeOf(device.join(twin, link, { channel }))
    const digits = await device.digits()
    await channel.close()
    expect(await joining).to.equal('Unavailable')
    await twin.owner().approve({ offer, digits })
    const restarted = new PairingTwin(world, twin.replica)
    // The list names it now, so hello takes it for one of the twin's devices
    const caller = { class: 'owner', device: 2, level: 'normal' } as const
    expect((await device.fetch(restarted, link, caller)).number).to.equal(2)
    expect(await codeOf(new NewDevice().fetch(restarted, link))).to.equal('unknown')
  })

  it('what comes back from another twin than the link names is not believed', async () => {
    const other = await world.twin()
    const link = textToPairingLink((await twin.owner().offer({})).link, 0)
    const { device } = await pair(other)
    const channel = channelPair(other.server, { class: 'owner', peer: device.peer, level: 'normal' })
    expect(await codeOf(fetchPaired({ channel, link, keys: device.keys, crypto }))).to.equal('impostor')
  })

  it('digits that come after the time of the link let nobody in, though the machine slept and no timer fired', async () => {
    const { offer, link, expiresAt } = await twin.owner().offer({})
    const device = new NewDevice()
    const joining = codeOf(device.join(twin, link))
    const digits = await device.digits()
    world.sleep(expiresAt - world.now() + 1)
    expect(await codeOf(twin.owner().approve({ offer, digits }))).to.equal('NotFound')
    expect(await joining).to.equal('expired')
  })
})
