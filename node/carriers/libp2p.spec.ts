import { noise } from '@chainsafe/libp2p-noise'
import type { Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { expect } from 'chai'
import { createLibp2p, type Libp2p } from 'libp2p'
import { systemClock } from '../../protocols/core/clock.ts'
import { FrameWriter } from '../../protocols/core/frame-writer.ts'
import { createServer } from '../../protocols/core/index.ts'
import { sample } from '../../protocols/core/sample.fixture.ts'
import { heldBytes, libp2pChannel, registerServer, toByteStream } from '../../protocols/streams/index.ts'

const mebibyte = 1 << 20

describe('toByteStream()', () => {
  let answering: Libp2p
  let calling: Libp2p
  before(async () => {
    const common = {
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: mebibyte } })]
    }
    answering = await createLibp2p({ ...common, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
    calling = await createLibp2p(common)
    await calling.dial(answering.getMultiaddrs())
  })
  after(async () => {
    await calling.stop()
    await answering.stop()
  })

  /** Both ends of a bare stream. */
  async function pair(): Promise<[Stream, Stream]> {
    const arrived = new Promise<Stream>(resolve => {
      void answering.handle('/bare/1', stream => resolve(stream), { force: true })
    })
    const [connection] = calling.getConnections()
    const near = await connection!.newStream('/bare/1')
    return [near, await arrived]
  }

  /** Opens streams on the same connection, each a round trip behind what is under way, until a count stands still. */
  async function settled(count: () => number): Promise<void> {
    for (let before = -1; before !== count(); ) {
      before = count()
      for (let trip = 0; trip < 5; trip++) for (const stream of await pair()) stream.abort(new Error('Not used'))
    }
  }

  it('asks to wait again and again while the peer does not read', async () => {
    const [near, far] = await pair()
    const reader = toByteStream(far)
    const writer = toByteStream(near)
    let waited = 0
    let written = 0
    const writing = (async () => {
      for (; written < 16; written++) {
        const wait = writer.write(new Uint8Array(mebibyte))
        if (wait === undefined) continue
        waited++
        await wait
      }
      await writer.end()
    })()
    await settled(() => written)
    // A window under way, a high-water mark read ahead, and what is being written
    expect(written).to.be.lessThan(5)
    let read = 0
    for await (const chunk of reader.source) read += chunk.length
    await writing
    expect(read).to.equal(16 * mebibyte)
    expect(waited).to.be.greaterThan(8)
  })

  it('sends the head of a large frame and its body in one message', async () => {
    const [near, far] = await pair()
    const sent: number[] = []
    const send = near.send.bind(near)
    near.send = data => {
      sent.push(data.byteLength)
      return send(data)
    }
    const writer = new FrameWriter(toByteStream(near), {
      maxMessageSize: mebibyte,
      progressMs: 10_000,
      clock: systemClock
    })
    const sealed = new Uint8Array(100_000).fill(7)
    const size = writer.send({ b: { index: 1, sealed } }) + writer.send({ b: { index: 2, sealed } })
    await writer.end()
    expect(sent).to.deep.equal([size / 2, size / 2])
    let read = 0
    for await (const chunk of toByteStream(far).source) read += chunk.length
    expect(read).to.equal(size)
  })

  it('grants credit when half a window is used, not after each message, and stops no stock peer that way', async () => {
    const [near, far] = await pair()
    const { source } = toByteStream(far)
    const reader = source[Symbol.asyncIterator]()
    const window = far as unknown as { recvWindow: number; recvWindowCapacity: number }
    const send = async (size: number) => {
      near.send(new Uint8Array(size))
      for (let read = 0; read < size; ) read += (await reader.next()).value!.length
    }
    // The first may acknowledge that the stream was opened
    await send(1)
    far.send(new Uint8Array(1))
    await send(1)
    const before = window.recvWindowCapacity
    await send(1000)
    expect(window.recvWindowCapacity).to.equal(before - 1000)
    // Many windows more than there were at first
    for (let i = 0; i < 64; i++) await send(64 * 1024)
    expect(window.recvWindowCapacity).to.be.greaterThan(0)
    // As wide as the muxer allows, so that the sender fills a part of it while the reader takes another
    expect(window.recvWindow).to.equal(mebibyte)
    near.abort(new Error('over'))
  })

  it('counts what waits unread in its queue, and what the kernel says it keeps', async () => {
    const [near, far] = await pair()
    const reader = toByteStream(far)
    const arrived = new Promise(resolve => far.addEventListener('message', resolve, { once: true }))
    near.send(new Uint8Array(1000))
    await arrived
    expect(heldBytes(far)).to.equal(1000)
    const writer = new FrameWriter(reader, { maxMessageSize: mebibyte, progressMs: 1000, clock: systemClock })
    const size = writer.send({ b: new Uint8Array(500) })
    expect(heldBytes(far)).to.equal(1000 + size)
    await writer.flushed()
    await reader.source[Symbol.asyncIterator]().next()
    expect(heldBytes(far)).to.equal(0)
    near.abort(new Error('over'))
  })

  it('reports a reset as a fault, not as an end', async () => {
    const [near, far] = await pair()
    const reader = toByteStream(far)
    near.send(new Uint8Array(10))
    const source = reader.source[Symbol.asyncIterator]()
    await source.next()
    near.abort(new Error('gone'))
    let thrown: unknown
    await source.next().catch(error => {
      thrown = error
    })
    expect(thrown).to.be.instanceOf(Error)
    expect(reader.closed.aborted).to.equal(true)
  })

  it('rejects a waiting write with an Error when the stream breaks', async () => {
    const [near] = await pair()
    const writer = toByteStream(near)
    let wait: Promise<void> | undefined
    while (wait === undefined) wait = writer.write(new Uint8Array(mebibyte))
    near.abort(new Error('gone'))
    expect(await wait.catch((error: unknown) => error)).to.be.instanceOf(Error)
  })

  it('has its handlers taken back, also when one of them was taken', async () => {
    const server = createServer({ services: [sample()({})] })
    const unregister = await registerServer(answering, server, () => ({ class: 'owner' }))
    let thrown: unknown
    await registerServer(answering, server, () => ({ class: 'owner' })).catch(error => {
      thrown = error
    })
    expect(thrown).to.be.instanceOf(Error)
    await unregister()
    expect(answering.getProtocols()).to.not.include(server.protocolIds[0])
    const channel = libp2pChannel(calling, answering.peerId)
    const code = await channel.openStream(server.protocolIds).catch(error => error.code)
    expect(code).to.equal('Unimplemented')
  })

  it('dials nobody: a peer without a connection is out of reach, whatever addresses of it are known', async () => {
    await calling.peerStore.merge(answering.peerId, { multiaddrs: answering.getMultiaddrs() })
    await calling.hangUp(answering.peerId)
    const channel = libp2pChannel(calling, answering.peerId)
    const code = await channel.openStream(['/twin/any/1.0']).catch(error => error.code)
    expect(code).to.equal('Unavailable')
    expect(calling.getConnections(answering.peerId)).length(0)
  })
})
