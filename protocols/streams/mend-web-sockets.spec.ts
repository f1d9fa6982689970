import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import type { Libp2p, MultiaddrConnection } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { multiaddrToUri } from '@multiformats/multiaddr-to-uri'
import { expect } from 'chai'
import { createLibp2p } from 'libp2p'
import { portOf } from '../../test/harness/mesh.ts'
import { mendWebSockets } from './mend-web-sockets.ts'

const upgrade = [
  'GET / HTTP/1.1',
  'host: twin',
  'upgrade: websocket',
  'connection: upgrade',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version: 13',
  '',
  ''
].join('\r\n')

describe('mended WebSockets', () => {
  const running: { stop(): unknown }[] = []
  let node: Libp2p
  /** Inbound connections before their handshake */
  const arrived: MultiaddrConnection[] = []

  beforeEach(async () => {
    node = await createNode(['/ip4/127.0.0.1/tcp/0/ws'])
  })

  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop()
    arrived.length = 0
  })

  for (const [what, frame] of [
    ['is not masked', [0x82, 0x01, 0x41]],
    ['gives a code of closing that nobody may give', [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xee]]
  ] as const) {
    it(`a frame that ${what} ends its connection, and no other`, async () => {
      const socket = await open(upgrade)
      await once(socket, 'data')
      const closed = once(socket, 'close')
      socket.write(Buffer.from(frame))
      await closed
      const other = await (await createNode()).dial(node.getMultiaddrs())
      expect(other.status).equal('open')
    })
  }

  it('a connection that is aborted is closed, by whichever side', async () => {
    const socket = await open(upgrade)
    await once(socket, 'data')
    const closed = once(socket, 'close')
    arrived[0]!.abort(new Error('Enough'))
    await closed
    const connection = await (await createNode()).dial(node.getMultiaddrs())
    const isGone = once(arrived[1]!, 'close')
    connection.abort(new Error('Enough'))
    await isGone
    expect(arrived.map(({ status }) => status))
      .length(2)
      .not.include('open')
  })

  it('a dial that is given up leaves no socket behind', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    running.push({ stop: () => server.close() })
    const { port } = server.address() as AddressInfo
    const giveUp = new AbortController()
    const coming = once(server, 'connection') as Promise<[Socket]>
    const dial = (await createNode()).dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/ws`), { signal: giveUp.signal })
    const [socket] = await coming
    socket.resume()
    const closed = once(socket, 'close')
    giveUp.abort()
    const failure = await dial.then(
      () => undefined,
      error => error
    )
    await closed
    expect(failure).instanceOf(Error)
  })

  it('a socket that never becomes a WebSocket is closed, and more than there may be are not taken', async () => {
    const silent = await open('')
    const halfAsked = await open('GET / HT')
    const over = await open('')
    // The third of two: at once, the others when their time is up
    await once(over, 'close')
    expect([silent.closed, halfAsked.closed]).deep.equal([false, false])
    await Promise.all([once(silent, 'close'), once(halfAsked, 'close')])
  })

  async function createNode(listen: string[] = []): Promise<Libp2p> {
    const created = await createLibp2p({
      addresses: { listen },
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: {
        denyDialMultiaddr: () => false,
        denyInboundConnection: connection => {
          arrived.push(connection)
          return false
        }
      },
      transports: [mendWebSockets(webSockets(), { toUri: multiaddrToUri, maxSockets: 2, upgradeMs: 500 })]
    })
    running.push(created)
    return created
  }

  async function open(text: string): Promise<Socket> {
    const socket = connect(Number(portOf(String(node.getMultiaddrs()[0]))), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
})
