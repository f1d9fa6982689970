import { noise } from '@chainsafe/libp2p-noise'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { createLibp2p } from 'libp2p'
import { mendMuxer } from './mend-muxer.ts'

const protocol = '/twin/test/1.0'

describe('a relayed connection, while the one to its relay is being closed', () => {
  const running: Libp2p[] = []
  let relayed: Connection
  let toRelay: Connection

  beforeEach(async () => {
    const relay = await createNode(['/ip4/127.0.0.1/tcp/0'])
    const [at] = relay.getMultiaddrs()
    const reached = await createNode([`${at}/p2p-circuit`])
    await reached.handle(protocol, stream => stream.close(), { runOnLimitedConnection: true })
    const [address] = reached.getMultiaddrs().length > 0 ? reached.getMultiaddrs() : await addressesOf(reached)
    const dialler = await createNode([])
    relayed = await dialler.dial(address!)
    toRelay = dialler.getConnections(relay.peerId)[0]!
  })

  afterEach(async () => {
    for (const node of running.splice(0).reverse()) await node.stop()
  })

  it('refuses a stream to whoever opens it, and nothing else happens', async () => {
    const closing = toRelay.close()
    expect(relayed.status).equal('open')
    const error = await relayed.newStream(protocol, { runOnLimitedConnection: true }).catch(reason => reason)
    expect(error).instanceOf(Error)
    await closing
  })

  it('can be aborted', async () => {
    const closing = toRelay.close()
    relayed.abort(new Error('Enough'))
    expect(relayed.status).equal('aborted')
    await closing
  })

  async function createNode(listen: string[]): Promise<Libp2p> {
    const node = await createLibp2p({
      addresses: { listen },
      connectionEncrypters: [noise()],
      streamMuxers: [() => mendMuxer(yamux()())],
      connectionMonitor: { enabled: false },
      transports: [tcp(), circuitRelayTransport()],
      services: { identify: identify(), relay: circuitRelayServer() }
    })
    running.push(node)
    return node
  }
})

/** Once a relay has given it a place. */
function addressesOf(node: Libp2p): Promise<Multiaddr[]> {
  return new Promise(resolve => {
    node.addEventListener('self:peer:update', () => {
      if (node.getMultiaddrs().length > 0) resolve(node.getMultiaddrs())
    })
  })
}
