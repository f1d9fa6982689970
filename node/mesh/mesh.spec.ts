import { createServer } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { kadProtocol, kadSettings } from '../../protocols/kad/index.ts'
import { PortTakenError, TwinNotFoundError } from './index.ts'
import { Field, newKey, recordsOf, until } from './mesh.fixture.ts'

describe('mesh', () => {
  let field: Field
  beforeEach(() => {
    field = new Field()
  })
  afterEach(async () => {
    await field.close()
  })

  it('finds and reaches any twin by id when nobody was told addresses, also after the meeting point is gone', async () => {
    const meeting = await field.mesh()
    const bootstrap = meeting.addresses().slice(0, 1)
    const twins = [await field.twin({ bootstrap }), await field.twin({ bootstrap }), await field.twin({ bootstrap })]
    const [a, b, c] = twins
    if (a === undefined || b === undefined || c === undefined) throw new Error('unreachable')

    const found = await until2(() => a.mesh.find(b.id))
    expect(found.devices.map(({ device }) => device)).to.deep.equal([b.mesh.peer])
    expect(found.devices[0]?.addresses).to.include(b.mesh.addresses()[0])

    const neighbours = (of: typeof a) => of.mesh.peers().map(({ peer }) => peer)
    await until(() => twins.every(twin => neighbours(twin).length >= 2))
    await until2(() => c.mesh.find(a.id))
    await meeting.stop()
    await until(() => twins.every(twin => !neighbours(twin).includes(meeting.peer)))
    expect((await b.mesh.find(c.id)).devices[0]?.device).to.equal(c.mesh.peer)
    const connection = await c.mesh.connect(a.id)
    expect(connection.remotePeer.toString()).to.equal(a.mesh.peer)
    expect(connection.encryption).to.equal('/noise')
  })

  it('finds who published only after the first look', async () => {
    const meeting = await field.mesh()
    const bootstrap = meeting.addresses()
    const [reader, later] = [await field.mesh({ bootstrap }), await field.mesh({ bootstrap })]
    await until(() => reader.peers().length > 0 && later.peers().length > 0)
    const [owner, device] = [await newKey(), await newKey()]
    const { dht } = reader.node.services
    const get = dht.get.bind(dht)
    dht.get = async function* (key, options) {
      yield* get(key, options)
      dht.get = get
      await later.publish(await recordsOf(owner, device))
    }
    expect((await reader.find(owner.id)).id).to.equal(owner.id)
  })

  it('says that a twin was not found, and that text is no id', async () => {
    const meeting = await field.mesh()
    const { mesh } = await field.twin({ bootstrap: meeting.addresses() })
    await until(() => mesh.peers().length > 0)
    const { id } = await newKey()
    const signal = AbortSignal.timeout(2000)
    expect(await mesh.find(id, { signal }).catch(error => error)).to.be.instanceOf(TwinNotFoundError)
    expect(await mesh.find('nobody').catch(error => error)).to.be.instanceOf(TypeError)
  })

  it('reaches a kept twin by a device that proved to be its, values that device, and no longer when it is released', async () => {
    const [a, b] = [await field.mesh(), await field.mesh()]
    const { id } = await newKey()
    await a.node.dial(b.node.getMultiaddrs())
    expect(a.isConnected(id)).to.equal(false)
    a.keepConnected([id])
    a.learn(id, b.peer)
    expect(a.isConnected(id)).to.equal(true)
    expect((await a.connect(id)).remotePeer.toString()).to.equal(b.peer)
    await until(async () => (await a.node.peerStore.get(b.node.peerId)).tags.has('twin-kept'))
    expect(a.trust.has(b.peer)).to.equal(true)
    a.release([id])
    await until(() => !a.trust.has(b.peer))
  })

  it('dials a peer whose id is not of an Ed25519 key where its addresses are known, and says so where they are not', async () => {
    const mesh = await field.mesh()
    const known = peerIdFromPrivateKey(await generateKeyPair('RSA', 2048))
    mesh.trust.add(known.toString())
    await mesh.node.peerStore.patch(known, { multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/1')] })
    expect(await mesh.addressesOf(known.toString())).deep.equal(['/ip4/127.0.0.1/tcp/1'])
    expect((await mesh.connect(known).catch(error => error)).message).include('None of the 1 addresses')
    const unknown = peerIdFromPrivateKey(await generateKeyPair('RSA', 2048))
    expect((await mesh.connect(unknown).catch(error => error)).message).include('No address')
  })

  it('names the port that is taken', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    field.later(() => new Promise(resolve => server.close(resolve)))
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const error = await field.mesh({ port }).catch(reason => reason)
    expect(error).to.be.instanceOf(PortTakenError)
    expect(error.message).to.include(String(port))
    expect(error.code).to.equal('PortTaken')
  })

  it('comes back to a kept peer that restarted on another port, found through the DHT', async () => {
    const meeting = await field.mesh()
    const bootstrap = meeting.addresses()
    const a = await field.twin({ bootstrap })
    const home = await field.folder()
    const [owner, device] = [await newKey(), await newKey()]
    const before = await field.mesh({ bootstrap, home, transportKey: device.secret })
    await before.publish(await recordsOf(owner, device))
    a.mesh.keepConnected([owner.id])
    await until(() => a.mesh.isConnected(owner.id))

    await before.stop()
    await until(() => !a.mesh.isConnected(owner.id))
    const after = await field.mesh({ bootstrap, home, transportKey: device.secret })
    expect(after.addresses()[0]).to.not.equal(before.addresses()[0])
    await after.publish(await recordsOf(owner, device))
    await until(() => a.mesh.isConnected(owner.id), 15_000)
  })

  it('measures a connection that has just opened when somebody looks, and waits for nobody who is silent', async () => {
    const [a, b] = [await field.mesh(), await field.mesh()]
    await a.node.dial(b.node.getMultiaddrs())
    const before = Date.now()
    expect(a.peers()[0]).to.include({ peer: b.peer, latencyMs: undefined })
    const [measured] = await a.measuredPeers()
    expect(measured!.latencyMs).to.be.within(0, 1000)
    expect(measured!.connectedAt).to.be.within(before - 10_000, Date.now())
    await b.node.unhandle('/ipfs/ping/1.0.0')
    await b.node.handle('/ipfs/ping/1.0.0', () => {})
    for (const connection of a.node.getConnections()) await connection.close()
    await a.node.dial(b.node.getMultiaddrs())
    const [silent] = await a.measuredPeers()
    expect(silent).to.include({ peer: b.peer, latencyMs: undefined })
  })

  it('remembers its ports over a restart when none is asked for', async () => {
    const home = await field.folder()
    const { secret: transportKey } = await newKey()
    const first = await field.mesh({ home, transportKey, port: undefined })
    const addresses = first.addresses()
    await first.stop()
    const second = await field.mesh({ home, transportKey, port: undefined })
    expect(second.addresses()).to.deep.equal(addresses)
  })

  it('knows over a restart where peers were', async () => {
    const home = await field.folder()
    const a = await field.mesh()
    const b = await field.mesh({ home, bootstrap: a.addresses() })
    await b.connect(a.peer)
    await b.stop()
    const again = await field.mesh({ home })
    expect(await again.addressesOf(a.peer)).to.include(a.addresses()[0]?.replace(`/p2p/${a.peer}`, ''))
  })

  it('stops twice without harm and refuses to work afterwards', async () => {
    const mesh = await field.mesh()
    await Promise.all([mesh.stop(), mesh.stop()])
    await mesh.stop()
    expect(mesh.addresses()).to.deep.equal([])
    expect(await mesh.connect((await newKey()).id).catch(error => error)).to.be.instanceOf(Error)
  })

  it('serves the DHT of the twins and no other', async () => {
    const mesh = await field.mesh()
    expect(mesh.node.getProtocols()).to.include(kadProtocol)
    expect(mesh.node.getProtocols()).to.not.include('/ipfs/kad/1.0.0')
    expect(kadSettings.clientMode).to.equal(false)
  })

  it('measures the way to a peer and says how it runs', async () => {
    const [a, b] = [await field.mesh(), await field.mesh()]
    const bootstrapped = await field.mesh({ bootstrap: [a.addresses()[0] ?? ''] })
    await until(() => bootstrapped.isConnected(a.peer))
    expect(await bootstrapped.ping(a.peer)).to.be.at.least(0)
    expect(bootstrapped.peers()).to.have.length(1)
    expect(bootstrapped.peers()[0]).to.include({ peer: a.peer, path: 'loopback' })
    expect(bootstrapped.reachability().state).to.equal('local')
    expect(b.reachability().state).to.equal('unknown')
  })
})

/** Tries until it works: records take a moment to reach the DHT. */
async function until2<T>(attempt: () => Promise<T>): Promise<T> {
  let result: T | undefined
  await until(async () => {
    result = await attempt().catch(() => undefined)
    return result !== undefined
  })
  if (result === undefined) throw new Error('unreachable')
  return result
}
