import { expect } from 'chai'
import type { Components } from '../../protocols/streams/index.ts'
import { defaultLimits } from '../limits.ts'
import { Connector } from './connector.ts'
import type { Finder } from './find.ts'
import { newKey } from './mesh.fixture.ts'
import { keyToPeerId } from './peer-keys.ts'

describe('connecting to a device', () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  before(() => process.on('unhandledRejection', onUnhandled))
  after(() => process.off('unhandledRejection', onUnhandled))

  it('rejects for the caller, and nowhere else, when its addresses could not be looked up', async () => {
    const finder = {
      cachedAddresses: async () => {
        throw new Error('The store is closed')
      }
    } as unknown as Finder // asked for nothing else before that
    const components = { connectionManager: { getConnections: () => [] } } as unknown as Components // nobody is dialled
    const connector = new Connector({
      components,
      finder,
      limits: defaultLimits,
      mayDial: () => true,
      relays: () => []
    })
    const peer = keyToPeerId((await newKey()).public)
    expect((await connector.connect(peer).catch(error => error)).message).include('No address of the peer is known')
    await new Promise(resolve => setImmediate(resolve))
    expect(unhandled).deep.equal([])
  })
})
