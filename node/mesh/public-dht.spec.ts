import { passthroughMapper } from '@libp2p/kad-dht'
import { expect } from 'chai'
import { ipnsSelector } from 'ipns/selector'
import { ipnsValidator } from 'ipns/validator'
import { openIpnsRecord, publicKadProtocol, routingKey } from '../../protocols/kad/index.ts'
import { dhtServer } from './dht.fixture.ts'
import { Field, until } from './mesh.fixture.ts'

describe('public DHT', () => {
  let field: Field
  beforeEach(() => {
    field = new Field()
  })
  afterEach(async () => {
    await field.close()
  })

  /** A server of the IPFS DHT as anybody runs it: standard protocol, standard IPNS validator and selector. */
  const ipfsServer = () =>
    dhtServer(field, {
      protocol: '/ipfs/kad/1.0.0',
      peerInfoMapper: passthroughMapper,
      validators: { ipns: ipnsValidator },
      selectors: { ipns: ipnsSelector }
    })

  it('takes our records unchanged, keeps them and gives them to whoever asks', async () => {
    const [first, second] = [await ipfsServer(), await ipfsServer()]
    await second.dial(first.getMultiaddrs())
    const bootstrap = first.getMultiaddrs().map(String)
    const publicDht = { bootstrap, allowPrivate: true }
    const a = await field.twin({ publicDht })

    let stored: Uint8Array | undefined
    await until(async () => {
      for await (const event of second.services.dht.get(routingKey(a.owner.public))) {
        if (event.name === 'VALUE') stored = event.value
      }
      return stored !== undefined
    })
    const opened = await openIpnsRecord(a.owner.public, stored ?? new Uint8Array())
    expect(opened.sequence > 0n).to.equal(true)

    const b = await field.mesh({ publicDht })
    await until(() => b.peers().length > 0)
    const { devices } = await b.find(a.id)
    expect(devices).to.have.length(1)
    expect(devices[0]?.device).to.equal(a.mesh.peer)
    expect(devices[0]?.addresses).to.include(a.mesh.addresses()[0])
  })

  it('is only asked by a twin, never served', async () => {
    const server = await ipfsServer()
    const mesh = await field.mesh({ publicDht: { bootstrap: server.getMultiaddrs().map(String), allowPrivate: true } })
    expect(mesh.node.getProtocols()).to.not.include(publicKadProtocol)
  })
})
