/** What any pairing must show, written against the owner's client and the new device's side. */
import { expect } from 'chai'
import type { Client } from '../core/index.ts'
import type { PairedDevice } from './pair-device.ts'
import type { pairingProtocol } from './protocol.ts'

/** A device that comes with a link. */
export interface Joiner {
  join(link: string): Promise<PairedDevice>
  /** What it shows, once it does */
  digits(): Promise<string>
}

export interface PairingCase {
  /** The owner at the device that keeps the list */
  readonly owner: Client<typeof pairingProtocol>
  newDevice(): Joiner
  advance(ms: number): Promise<void>
  stop(): Promise<void>
}

export default function pairingCompliance(setup: () => Promise<PairingCase>): void {
  let world: PairingCase
  beforeEach(async () => {
    world = await setup()
  })
  afterEach(() => world.stop())

  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'none',
      error => error.code
    )

  it('the digits that the new device shows, typed by the owner, make it a device', async () => {
    const { offer, link } = await world.owner.offer({})
    const device = world.newDevice()
    const joining = device.join(link)
    const approved = await world.owner.approve({ offer, digits: await device.digits() })
    const paired = await joining
    expect(paired.number).to.equal(approved.number)
    expect(paired.certificate.role).to.equal('browser')
    expect(approved).to.include({ level: 'normal' })
    expect(approved.probationUntil).to.be.above(paired.certificate.issued)
  })

  it('other digits burn the link, for whoever comes', async () => {
    const { offer, link } = await world.owner.offer({})
    const device = world.newDevice()
    const joining = codeOf(device.join(link))
    const digits = await device.digits()
    const other = digits.startsWith('0') ? `1${digits.slice(1)}` : `0${digits.slice(1)}`
    expect(await codeOf(world.owner.approve({ offer, digits: other }))).to.equal('FailedPrecondition')
    expect(await joining).to.equal('burnt')
    expect(await codeOf(world.owner.approve({ offer, digits }))).to.equal('NotFound')
    expect(await codeOf(world.newDevice().join(link))).to.equal('unknown')
  })

  it('a link is good for minutes, and for one device', async () => {
    const first = await world.owner.offer({})
    const device = world.newDevice()
    const joining = device.join(first.link)
    await device.digits()
    expect(await codeOf(world.newDevice().join(first.link))).to.equal('taken')
    await world.advance(first.expiresAt - Date.now() + 1000)
    expect(await codeOf(joining)).to.equal('expired')
    expect(await codeOf(world.owner.approve({ offer: first.offer, digits: await device.digits() }))).to.equal(
      'NotFound'
    )
  })

  it('whoever is refused is told so', async () => {
    const { offer, link } = await world.owner.offer({})
    const device = world.newDevice()
    const joining = codeOf(device.join(link))
    await device.digits()
    expect(await world.owner.refuse({ offer })).to.deep.equal({ state: 'refused' })
    expect(await joining).to.equal('refused')
  })

  it('the first device is let in by its secret, and no second one', async () => {
    const { link } = await world.owner.claim({})
    const paired = await world.newDevice().join(link)
    expect(paired.number).to.be.above(1)
    expect(await codeOf(world.newDevice().join(link))).to.equal('unknown')
    expect(await codeOf(world.owner.claim({}))).to.equal('FailedPrecondition')
  })
}
