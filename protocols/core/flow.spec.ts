import { expect } from 'chai'
import { failure, numbers, until } from './carrier-compliance.ts'
import { type CallContext, type Channel, channelPair, createClient, createServer, type ServerInit } from './index.ts'
import { ManualClock, settle } from './manual-clock.fixture.ts'
import { RawStream, rawChannel } from './raw-stream.fixture.ts'
import { sample, sampleProtocol } from './sample.fixture.ts'

const newest = sampleProtocol.id
const { window, progressMs, idleTimeoutMs } = sampleProtocol.limits
const open = { m: 'count', b: { to: 1000, size: 1000 }, w: window }

describe('the answering end of a call stream', () => {
  let clock: ManualClock
  let contexts: CallContext[]
  let produced: number

  async function start(init: Partial<ServerInit> = {}): Promise<RawStream> {
    clock = new ManualClock()
    contexts = []
    produced = 0
    const service = sample({
      async *count({ to, size }, context) {
        contexts.push(context)
        for (let n = 0; n < to; n++) {
          produced++
          yield { n, data: new Uint8Array(size) }
        }
      }
    })({})
    return RawStream.open(createServer({ services: [service], clock, ...init }), newest)
  }

  it('sends no more than the window, and more when that is acknowledged', async () => {
    const raw = await start()
    raw.send(open)
    await settle()
    expect(produced).to.be.within(15, 18)
    raw.send({ w: 8000 })
    await settle()
    expect(produced).to.be.within(23, 27)
  })

  it('breaks the call when more is acknowledged than is out', async () => {
    const raw = await start()
    raw.send(open)
    await settle()
    raw.send({ w: 1_000_000 })
    expect((await raw.find(frame => frame.e !== undefined))?.e?.c).to.equal('InvalidArgument')
    await until(() => contexts[0]!.signal.aborted)
  })

  it('gives up on a peer that grants no credit', async () => {
    const raw = await start()
    raw.send(open)
    await clock.advance(progressMs + 10)
    expect((await raw.find(frame => frame.e !== undefined))?.e?.c).to.equal('DeadlineExceeded')
    expect(contexts[0]!.signal.aborted).to.equal(true)
  })

  it('gives up on a peer that takes no bytes', async () => {
    const raw = await start({ limits: { window: 1 << 20 } })
    raw.send({ ...open, w: 1 << 20 })
    await clock.advance(progressMs + 10)
    expect(raw.stream.closed.aborted).to.equal(true)
    expect(contexts[0]!.signal.aborted).to.equal(true)
  })

  it('bounds the window that a peer may ask for', async () => {
    const raw = await start()
    raw.send({ ...open, w: 2 ** 50 })
    await settle()
    expect(produced).to.be.lessThan(20)
  })

  it('breaks the call when the peer sends more items than its credit', async () => {
    const raw = await start({
      services: [
        sample({
          async *double() {
            await new Promise(() => {})
          }
        })({})
      ]
    })
    raw.send({ m: 'double', b: {}, w: window })
    expect((await raw.next())?.w).to.equal(window)
    for (let n = 0; n < window / 4; n++) raw.send({ b: { n } })
    expect((await raw.find(frame => frame.e !== undefined))?.e?.c).to.equal('ResourceExhausted')
  })

  it('ends the call at an item that does not fit the contract', async () => {
    const raw = await start()
    raw.send({ m: 'double', b: {}, w: window })
    raw.send({ b: { n: 'one' } })
    expect((await raw.find(frame => frame.e !== undefined))?.e?.c).to.equal('InvalidArgument')
  })

  it('fires the signal when the caller cancels, and sends nothing more', async () => {
    const raw = await start()
    raw.send(open)
    await settle()
    raw.send({ x: true })
    await until(() => contexts[0]!.signal.aborted)
    expect(contexts[0]!.signal.reason.code).to.equal('Cancelled')
    const before = produced
    raw.send({ w: 8000 })
    await settle()
    expect(produced).to.equal(before)
  })

  it('fires the signal when the peer closes its side without an end', async () => {
    const raw = await start()
    raw.send(open)
    await settle()
    await raw.stream.end()
    await until(() => contexts[0]!.signal.aborted)
    expect(contexts[0]!.signal.reason.code).to.equal('Unavailable')
  })

  it('says Cancelled to a service whose incoming items end without an end marker', async () => {
    let thrown: unknown
    const raw = await start({
      services: [
        sample({
          async *double(_, incoming) {
            try {
              for await (const item of incoming) yield item
            } catch (error) {
              thrown = error
            }
          }
        })({})
      ]
    })
    raw.send({ m: 'double', b: {}, w: window })
    raw.send({ b: { n: 1 } })
    await settle()
    await raw.stream.end()
    await until(() => thrown !== undefined)
    expect((thrown as { code: string }).code).to.equal('Unavailable')
  })

  it('closes a stream whose first frame drips in byte by byte', async () => {
    const raw = await start()
    raw.write(0x80, 0x10)
    for (let n = 0; n < 12; n++) {
      await clock.advance(progressMs / 10)
      if (!raw.stream.closed.aborted) raw.write(0xa1)
    }
    expect(raw.stream.closed.aborted).to.equal(true)
  })

  it('closes a stream whose later frame drips in byte by byte', async () => {
    const raw = await start()
    raw.send({ i: 1, m: 'echo', b: { text: '' } })
    await raw.next()
    raw.write(0x80, 0x10)
    for (let n = 0; n < 12; n++) {
      await clock.advance(progressMs / 10)
      if (!raw.stream.closed.aborted) raw.write(0xa1)
    }
    expect(raw.stream.closed.aborted).to.equal(true)
  })

  it('closes a stream on which nothing comes', async () => {
    const raw = await start()
    await clock.advance(progressMs + 10)
    expect(raw.stream.closed.aborted).to.equal(true)
  })

  it('gives up on a silent peer, and shows signs of life itself', async () => {
    const raw = await start({
      services: [
        sample({
          async *count() {
            await new Promise(() => {})
          }
        })({})
      ]
    })
    raw.send(open)
    await clock.advance(idleTimeoutMs / 2)
    expect((await raw.next())?.w).to.equal(0)
    await clock.advance(idleTimeoutMs)
    expect((await raw.find(frame => frame.e !== undefined))?.e?.c).to.equal('DeadlineExceeded')
  })

  it('refuses streams above the number allowed, with a code, and takes new ones when old ones end', async () => {
    const server = createServer({ services: [sample()({})], limits: { maxInboundStreams: 2 } })
    const channel = channelPair(server, { class: 'owner' })
    const raws: RawStream[] = []
    for (let n = 0; n < 3; n++) raws.push(new RawStream((await channel.openStream([newest])).stream))
    expect((await raws[2]!.next())?.e?.c).to.equal('ResourceExhausted')
    raws[0]!.stream.abort(new Error('done'))
    await raws[2]!.stream.end()
    await settle()
    const fresh = new RawStream((await channel.openStream([newest])).stream)
    fresh.send({ i: 1, m: 'echo', b: { text: 'in' } })
    expect((await fresh.next())?.b).to.deep.equal({ text: 'in' })
  })
})

describe('the calling end of a call stream', () => {
  it('takes a stream that closes without an end marker for broken, after the items that came', async () => {
    const { channel, accepted } = rawChannel(newest)
    const items = createClient(sampleProtocol, channel).count({ to: 9 })[Symbol.asyncIterator]()
    const first = items.next()
    await until(() => accepted.length === 1)
    accepted[0]!.send({ b: { n: 0, data: new Uint8Array() } })
    await accepted[0]!.stream.end()
    expect((await first).value?.n).to.equal(0)
    expect((await failure(items.next() as Promise<unknown>)).code).to.equal('Unavailable')
  })

  it('ends at the end marker', async () => {
    const { channel, accepted } = rawChannel(newest)
    const items = createClient(sampleProtocol, channel).count({ to: 9 })[Symbol.asyncIterator]()
    const first = items.next()
    await until(() => accepted.length === 1)
    accepted[0]!.send({ z: true })
    expect((await first).done).to.equal(true)
  })

  it('fails at an item outside the contract and cancels the call', async () => {
    const { channel, accepted } = rawChannel(newest)
    const items = createClient(sampleProtocol, channel).count({ to: 9 })[Symbol.asyncIterator]()
    const first = failure(items.next() as Promise<unknown>)
    await until(() => accepted.length === 1)
    accepted[0]!.send({ b: { n: 'no' } })
    expect((await first).code).to.equal('Internal')
    expect((await accepted[0]!.find(frame => frame.x === true))?.x).to.equal(true)
  })

  it('gives up when the server grants no credit for its items', async () => {
    const clock = new ManualClock()
    const { channel, accepted } = rawChannel(newest)
    const items = createClient(sampleProtocol, channel, { clock }).double({}, numbers(10))[Symbol.asyncIterator]()
    const first = failure(items.next() as Promise<unknown>)
    await until(() => accepted.length === 1)
    await clock.advance(progressMs + 10)
    expect((await first).code).to.equal('DeadlineExceeded')
  })

  it('keeps an idle watch open through signs of life', async () => {
    const clock = new ManualClock()
    let release = () => {}
    const service = sample({
      async *count() {
        await new Promise<void>(resolve => (release = resolve))
        yield { n: 1, data: new Uint8Array() }
      }
    })({})
    const server = createServer({ services: [service], clock })
    const client = createClient(sampleProtocol, channelPair(server, { class: 'owner' }), { clock })
    const items = client.count({ to: 1 })[Symbol.asyncIterator]()
    const first = items.next()
    await clock.advance(idleTimeoutMs * 10)
    release()
    expect((await first).value?.n).to.equal(1)
    expect((await items.next()).done).to.equal(true)
  })

  it('ends a watch at a sign of life that cannot be sent, though the stream says nothing of it', async () => {
    const clock = new ManualClock()
    const { channel } = rawChannel(newest)
    let isBroken = false
    const breaking: Channel = {
      ...channel,
      openStream: async (...args) => {
        const { stream, protocolId } = await channel.openStream(...args)
        const write = (chunk: Uint8Array) => {
          if (isBroken) throw new Error('The carrier takes nothing any more')
          return stream.write(chunk)
        }
        return { stream: { ...stream, write }, protocolId }
      }
    }
    const items = createClient(sampleProtocol, breaking, { clock }).count({ to: 9 })[Symbol.asyncIterator]()
    const first = failure(items.next() as Promise<unknown>)
    await settle()
    isBroken = true
    await clock.advance(idleTimeoutMs - 1)
    expect((await first).code).to.equal('Unavailable')
  })

  it('asks its source of items to stop when the call ends', async () => {
    let isStopped = false
    async function* source() {
      try {
        for (let n = 0; ; n++) yield { n }
      } finally {
        isStopped = true
      }
    }
    const server = createServer({ services: [sample()({})] })
    const client = createClient(sampleProtocol, channelPair(server, { class: 'owner' }))
    for await (const { n } of client.double({}, source())) if (n > 100) break
    await until(() => isStopped)
    expect(isStopped).to.equal(true)
  })

  it('honours a time limit of its own', async () => {
    const clock = new ManualClock()
    const service = sample({
      async *count() {
        await new Promise(() => {})
      }
    })({})
    const server = createServer({ services: [service], clock })
    const client = createClient(sampleProtocol, channelPair(server, { class: 'owner' }), { clock })
    const first = failure(
      client.count({ to: 1 }, { timeoutMs: 100 })[Symbol.asyncIterator]().next() as Promise<unknown>
    )
    await clock.advance(101)
    expect((await first).code).to.equal('DeadlineExceeded')
  })
})
