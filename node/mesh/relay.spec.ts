import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { kadSettings } from '../../protocols/kad/index.ts'
import { dhtServer } from './dht.fixture.ts'
import { Field, until } from './mesh.fixture.ts'

describe('relayed paths', () => {
  let field: Field
  beforeEach(() => {
    field = new Field()
  })
  afterEach(async () => {
    await field.close()
  })

  const relayServer = async () => {
    const node = await dhtServer(field, kadSettings, { relay: circuitRelayServer() })
    return node.getMultiaddrs().map(String)
  }

  it('connect two twins that cannot dial each other, found by id', async () => {
    const bootstrap = await relayServer()
    const a = await field.twin({ bootstrap, listen: [] })
    const b = await field.twin({ bootstrap, listen: [] })
    await until(() => b.mesh.reachability().state === 'relayed' && a.mesh.peers().length > 0)
    await until(() =>
      a.mesh.find(b.id).then(
        ({ devices }) => (devices[0]?.addresses.length ?? 0) > 0,
        () => false
      )
    )

    const connection = await a.mesh.connect(b.id)
    expect(connection.remotePeer.toString()).to.equal(b.mesh.peer)
    expect(a.mesh.peers().find(({ peer }) => peer === b.mesh.peer)?.path).to.equal('relayed')
    expect(connection.encryption).to.equal('/noise')
    // libp2p's own ping opens another relayed connection, or fails
    const opened: string[] = []
    a.mesh.node.addEventListener('connection:open', ({ detail }) => opened.push(detail.remoteAddr.toString()))
    expect(await a.mesh.ping(b.mesh.peer)).to.be.at.least(0)
    expect(opened.filter(address => address.includes('p2p-circuit'))).to.deep.equal([])
  })

  it('give way to a direct one as soon as one stands', async () => {
    const bootstrap = await relayServer()
    const [a, b] = [await field.mesh({ bootstrap }), await field.mesh({ bootstrap })]
    await until(() => b.reachability().relays.length > 0 && a.peers().length > 0)
    await a.node.dial(multiaddr(b.reachability().relays[0] ?? ''))
    const pathTo = () => a.peers().find(({ peer }) => peer === b.peer)?.path
    await until(() => pathTo() === 'loopback')
    await until(() => a.node.getConnections().every(({ remoteAddr }) => !remoteAddr.toString().includes('p2p-circuit')))
    expect(pathTo()).to.equal('loopback')
  })

  it('are never offered by a peer that is not a relay of ours', async () => {
    const mesh = await field.mesh()
    const stranger = await dhtServer(field, kadSettings, { relay: circuitRelayServer() })
    const connection = await stranger.dial(mesh.addresses().map(address => multiaddr(address)))
    await until(() => mesh.isConnected(stranger.peerId.toString()))
    // As if somebody had asked it to reach us: libp2p would ask it for a place and announce its address as ours
    const stream = await connection.newStream('/libp2p/circuit/relay/0.2.0/stop')
    await until(() => stream.status !== 'open' || mesh.reachability().relays.length > 0)
    expect(mesh.reachability().relays).to.deep.equal([])
  })
})
