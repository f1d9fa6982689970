import { expect } from 'chai'
import { pairingToScopes } from '../identity/index.ts'
import { keyValue } from '../key-value/index.ts'
import { addDevice, exchange, openTwins, type TestReplica } from './replicas.fixture.ts'

const value = new TextEncoder().encode('x')

describe('a device that may only look', () => {
  it('reads what its twin has, writes nothing, and what it writes all the same counts nowhere', async () => {
    const [home] = (await openTwins(1)) as [TestReplica]
    const scopes = pairingToScopes({ level: 'view', at: 1, by: 1 })
    const tablet = await addDevice(home, 2, [home], { scopes })
    await keyValue(home.spaces.self, 'k').put('a', value)
    await exchange(home, tablet)
    const table = keyValue(tablet.spaces.self, 'k')
    expect((await table.get('a'))?.value).to.deep.equal(value)
    const refused = await table.put('b', value).catch(error => error)
    expect(refused).to.include({ code: 'not-writer' })
    // One that does not keep to it: it forgets what its certificate says
    const { directory } = tablet.init
    const list = directory.get(home.twin)!
    const honest = list.device.bind(list)
    list.device = number => {
      const device = honest(number)
      return device && { ...device, certificate: { ...device.certificate, scopes: [] } }
    }
    await table.put('b', value)
    await exchange(home, tablet)
    expect(await keyValue(home.spaces.self, 'k').get('b')).to.equal(undefined)
  })
})
