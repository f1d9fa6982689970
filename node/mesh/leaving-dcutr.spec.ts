import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Connection } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { expect } from 'chai'
import { createLibp2p, type Libp2p } from 'libp2p'
import { holdPort } from './free-ports.ts'
import { leavingDcutr } from './leaving-dcutr.ts'
import { until } from './mesh.fixture.ts'

describe('DCUtR', function () {
  this.timeout(30_000)
  const nodes: Libp2p[] = []
  afterEach(async () => {
    for (const node of nodes.splice(0).reverse()) await node.stop()
  })

  const common = { connectionEncrypters: [noise()], streamMuxers: [yamux()] }
  const started = async (node: Libp2p) => {
    nodes.push(node)
    return node
  }
  /** One that announces a name, which DCUtR takes for a public address. */
  const named = async (listen: string[]) => {
    const { port, release } = await holdPort('127.0.0.1', 0, false)
    await release()
    return await started(
      await createLibp2p({
        ...common,
        transports: [tcp(), circuitRelayTransport()],
        addresses: {
          listen: [`/ip4/127.0.0.1/tcp/${port}`, ...listen],
          appendAnnounce: [`/dns4/localhost/tcp/${port}`]
        },
        services: { identify: identify(), dcutr: leavingDcutr() }
      })
    )
  }
  const isRelayed = ({ remoteAddr }: Connection) => remoteAddr.toString().includes('/p2p-circuit')

  it('leaves the relayed connection when a direct one stands: what is under way there goes on to its end', async () => {
    const relay = await started(
      await createLibp2p({
        ...common,
        transports: [tcp()],
        addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        services: { identify: identify(), relay: circuitRelayServer() }
      })
    )
    const [at] = relay.getMultiaddrs()
    const [calling, answering] = [await named([]), await named([`${at}/p2p-circuit`])]
    const gate = { open: () => {} }
    const opened = new Promise<void>(resolve => {
      gate.open = resolve
    })
    await answering.handle(
      '/later',
      async stream => {
        await opened
        stream.send(new Uint8Array([7]))
        await stream.close()
      },
      { runOnLimitedConnection: true }
    )
    await until(() => answering.getMultiaddrs().some(address => address.toString().includes('p2p-circuit')))
    const relayed = await calling.dial(multiaddr(`${at}/p2p-circuit/p2p/${answering.peerId}`))
    expect(isRelayed(relayed)).equal(true)
    const call = await relayed.newStream('/later', { runOnLimitedConnection: true })
    const said: number[] = []
    call.addEventListener('message', ({ data }) => said.push(...data.subarray()))
    for (const [node, other] of [
      [calling, answering],
      [answering, calling]
    ] as const) {
      await until(() => node.getConnections(other.peerId).some(connection => !isRelayed(connection)))
    }
    // libp2p's own breaks it in the next turns
    for (const since = performance.now(); performance.now() - since < 500; ) await new Promise(setImmediate)
    gate.open()
    await until(() => said.length > 0 || call.status !== 'open')
    expect(said).deep.equal([7])
    await until(() => calling.getConnections(answering.peerId).every(connection => !isRelayed(connection)))
  })
})
