import { expect } from 'chai'
import { codeOf, NewDevice, type PairingTwin, PairingWorld } from './pairing.fixture.ts'

describe('the name of a new device', () => {
  let twin: PairingTwin
  beforeEach(async () => {
    twin = await new PairingWorld().twin()
  })
  afterEach(() => twin.server.stop())

  it('is one line with something to be seen in it, whoever gives it', async () => {
    const owner = twin.owner()
    for (const name of [' ', 'a\nb', '\u200b\u2060', '\u{1f600}'.repeat(17)]) {
      expect(await codeOf(owner.offer({ name })), name).to.equal('InvalidArgument')
    }
    for (const wrong of [{ name: 'a\u0000b' }, { name: '\u3164' }, { platform: '\u200b\u2060' }]) {
      const { link } = await owner.offer({})
      const refused = await new NewDevice().join(twin, link, wrong).catch(error => error)
      expect(refused).to.have.property('code', 'burnt')
      expect(refused.message).to.match(/one line .* something to be seen/)
    }
  })

  it('is shown and listed without what nobody sees in it', async () => {
    const owner = twin.owner()
    const { offer, link } = await owner.offer({})
    const device = new NewDevice()
    const joining = device.join(twin, link, { name: 'Fire\u200bfox\u202egnp.exe', platform: 'Li\u00adnux' })
    for await (const { state, newcomer } of owner.watch({ offer })) {
      if (state !== 'waiting') continue
      expect(newcomer).to.include({ name: 'Firefoxgnp.exe', platform: 'Linux' })
      await owner.approve({ offer, digits: await device.digits() })
    }
    const { number } = await joining
    expect(twin.list.device(number)!.certificate.name).to.equal('Firefoxgnp.exe')
  })
})
