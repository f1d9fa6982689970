import { expect } from 'chai'
import { fixedDeviceKeys, fixedTwin, start } from '../crdt/identity/identity.fixture.ts'
import { DeviceDirectory, pairingToScopes, visitLifetimeMs } from '../crdt/identity/index.ts'
import type { AuthorizeRequest } from '../protocols/core/index.ts'
import { devicesProtocol } from '../protocols/devices/index.ts'
import { nodeCrypto } from './crypto.ts'
import { ownGuard } from './own-guard.ts'

const crypto = nodeCrypto()

describe('guard of own devices', () => {
  it('judges by the level that the device has now, whatever it had when its stream was opened', async () => {
    const { twin, list, first, certify } = await fixedTwin(crypto)
    const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
    await directory.adopt(list)
    const scopes = pairingToScopes({ level: 'normal', at: start, by: 1, probationUntil: start + 1000 })
    const certificate = await certify(fixedDeviceKeys(crypto, 2), { number: 2, role: 'browser', scopes })
    await directory.decide(twin, own => own.add(certificate, first.signing, start))
    let now = start
    const guard = ownGuard({ twin, directory, now: () => now })
    const ask = async (caller: Partial<AuthorizeRequest['caller']>) => {
      const request = { protocol: devicesProtocol, method: 'revoke', scope: 'devices.manage', body: {} }
      return await guard({ ...request, caller: { class: 'owner', ...caller } })
    }
    const device = { device: 2, level: 'trusted' } as const
    expect(await ask(device))
      .to.have.property('reason')
      .that.matches(/This device is new/)
    now = start + 1000
    expect(await ask({ ...device, level: 'normal' })).to.deep.equal({ allow: true })
    await directory.decide(twin, own => own.revoke(2, [], first.signing, start))
    expect(await ask(device)).to.deep.equal({ allow: false, reason: 'This device was revoked' })
    expect(await ask({ device: 7, level: 'admin' })).to.have.property('allow', false)
    // At the machine itself
    expect(await ask({ device: 1 })).to.deep.equal({ allow: true })
  })

  it('ends a visit on time, over streams that were open before', async () => {
    const { twin, list, first, certify } = await fixedTwin(crypto)
    const directory = new DeviceDirectory({ crypto, store: { get: () => undefined, put: () => {} } })
    await directory.adopt(list)
    const scopes = pairingToScopes({ level: 'view', at: start, by: 1 })
    const expires = start + visitLifetimeMs
    const certificate = await certify(fixedDeviceKeys(crypto, 2), { number: 2, role: 'browser', scopes, expires })
    await directory.decide(twin, own => own.add(certificate, first.signing, start))
    let now = expires - 1
    const guard = ownGuard({ twin, directory, now: () => now })
    const caller = { class: 'owner', device: 2, level: 'view' } as const
    const ask = () => guard({ protocol: devicesProtocol, method: 'list', scope: 'devices.read', body: {}, caller })
    expect(await ask()).to.deep.equal({ allow: true })
    now = expires
    expect(await ask()).to.deep.equal({ allow: false, reason: 'This visit is over' })
  })
})
