import { noise } from '@chainsafe/libp2p-noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { expect } from 'chai'
import { createLibp2p, type Libp2p } from 'libp2p'
import { type Channel, createClient, createServer } from '../../protocols/core/index.ts'
import { sample, sampleProtocol } from '../../protocols/core/sample.fixture.ts'
import { isLeft, leaveConnection, libp2pChannel, registerServer } from '../../protocols/streams/index.ts'

describe('leaving a connection for a better one', function () {
  this.timeout(30_000)
  let answering: Libp2p
  let calling: Libp2p
  beforeEach(async () => {
    const common = { transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] }
    answering = await createLibp2p({ ...common, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
    calling = await createLibp2p(common)
  })
  afterEach(async () => {
    await calling.stop()
    await answering.stop()
  })

  /** The worse connection and the better one, and a channel that opens streams on the best that there is. */
  async function twoPaths() {
    const [address] = answering.getMultiaddrs()
    const old = await calling.dial(address!)
    const connections: string[] = []
    const gate = { open: () => {} }
    const opened = new Promise<void>(resolve => {
      gate.open = resolve
    })
    const service = sample({
      later: async (_, { version }) => {
        await opened
        return { version }
      }
    })
    const server = createServer({ services: [service({})] })
    await registerServer(answering, server, connection => {
      connections.push(connection.id)
      return { class: 'owner' }
    })
    const better = { channel: undefined as Channel | undefined }
    const over = libp2pChannel(calling, old)
    const channel: Channel = {
      relayed: false,
      closed: new AbortController().signal,
      close: async () => {},
      openStream: async (ids, options) => {
        if (better.channel !== undefined) return await better.channel.openStream(ids, options)
        const { stream, protocolId } = await over.openStream(ids, options)
        return { stream: { ...stream, isLeft: () => isLeft(old) }, protocolId }
      }
    }
    const leave = async () => {
      const fresh = await calling.dial(address!, { force: true })
      better.channel = libp2pChannel(calling, fresh)
      leaveConnection(old)
    }
    const ended = new Promise<void>(resolve => old.addEventListener('close', () => resolve(), { once: true }))
    return { old, leave, ended, gate, connections, client: createClient(sampleProtocol, channel) }
  }

  it('a call that is under way is answered there, and what is new begins on the better one', async () => {
    const { old, leave, ended, gate, connections, client } = await twoPaths()
    expect(await client.echo({ text: 'first' })).include({ text: 'first' })
    const under = client.later({})
    await leave()
    // Turns for longer than one is kept that nobody uses
    for (const since = performance.now(); performance.now() - since < 2000; ) await new Promise(setImmediate)
    expect(await client.echo({ text: 'second' })).include({ text: 'second' })
    expect(old.status).equal('open')
    gate.open()
    expect(await under).deep.equal({ version: '1.1' })
    await ended
    expect(await client.echo({ text: 'third' })).include({ text: 'third' })
    expect(new Set(connections).size).equal(2)
  })

  it('a stream that moves goes on to its end there', async () => {
    const { leave, ended, client } = await twoPaths()
    let received = 0
    for await (const { n } of client.count({ to: 300, size: 2000 })) {
      if (n === 0) await leave()
      received++
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(received).equal(300)
    await ended
  })

  it('a stream that only waits is broken, so that its owner opens it on the better one', async () => {
    const { leave, client } = await twoPaths()
    const waiting = { resolve: () => {} }
    const forever = async function* () {
      yield { n: 1 }
      await new Promise<void>(resolve => {
        waiting.resolve = resolve
      })
    }
    const doubled = client.double({}, forever())[Symbol.asyncIterator]()
    expect((await doubled.next()).value).deep.equal({ n: 2 })
    await leave()
    const code = await doubled.next().then(
      () => 'an item',
      error => error.code
    )
    expect(code).equal('Unavailable')
    waiting.resolve()
    const again = client.count({ to: 1 })[Symbol.asyncIterator]()
    expect((await again.next()).value.n).equal(0)
  })
})
