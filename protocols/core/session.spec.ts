import { expect } from 'chai'
import { failure, until } from './carrier-compliance.ts'
import {
  type Caller,
  type Channel,
  channelPair,
  createClient,
  createServer,
  type Logger,
  ProtocolError,
  silentLogger,
  streamPair
} from './index.ts'
import { ManualClock, settle } from './manual-clock.fixture.ts'
import { RawStream, rawChannel } from './raw-stream.fixture.ts'
import { sample, sampleProtocol } from './sample.fixture.ts'

const owner: Caller = { class: 'owner' }
const newest = sampleProtocol.id

describe('unary calls', () => {
  it('end with DeadlineExceeded at the caller, and cancel at the service, when the service is slow', async () => {
    const clock = new ManualClock()
    let signal: AbortSignal | undefined
    const service = sample({ echo: (_, context) => new Promise(() => (signal = context.signal)) })({})
    const client = createClient(sampleProtocol, channelPair(createServer({ services: [service], clock }), owner), {
      clock
    })
    const pending = failure(client.echo({ text: '' }, { timeoutMs: 500 }))
    await settle()
    expect(signal?.aborted).to.equal(false)
    await clock.advance(510)
    expect((await pending).code).to.equal('DeadlineExceeded')
    expect(signal?.aborted).to.equal(true)
  })

  it('end with DeadlineExceeded from the server when the caller keeps waiting', async () => {
    const clock = new ManualClock()
    const server = createServer({ services: [sample({ echo: () => new Promise(() => {}) })({})], clock })
    const raw = await RawStream.open(server, newest)
    raw.send({ i: 1, m: 'echo', b: { text: '' }, t: 10_000_000 })
    await clock.advance(sampleProtocol.limits.timeoutMs + 10)
    expect((await raw.next())?.e?.c).to.equal('DeadlineExceeded')
  })

  it('never carry the words of an unexpected error to the peer', async () => {
    const logged: unknown[] = []
    const log: Logger = { ...silentLogger, error: (...details) => logged.push(details) }
    const echo = () => {
      throw new Error('password is hunter2')
    }
    const client = createClient(
      sampleProtocol,
      channelPair(createServer({ services: [sample({ echo })({})], log }), owner)
    )
    const error = await failure(client.echo({ text: '' }))
    expect([error.code, error.message]).to.deep.equal(['Internal', 'The twin could not answer'])
    expect(logged).to.have.length(1)
  })

  it('say of what the services stand on what the server has words for, under a code of all contracts', async () => {
    const echo = ({ text }: { text: string }) => {
      throw new RangeError(text)
    }
    const explain = (thrown: unknown) =>
      thrown instanceof RangeError
        ? new ProtocolError(thrown.message === 'full' ? 'Unavailable' : 'AlreadyExists', 'The disk is full')
        : undefined
    const server = createServer({ services: [sample({ echo })({})], explain })
    const client = createClient(sampleProtocol, channelPair(server, owner))
    const [known, other] = [await failure(client.echo({ text: 'full' })), await failure(client.echo({ text: '' }))]
    expect([known.code, known.message]).to.deep.equal(['Unavailable', 'The disk is full'])
    expect(other.code).to.equal('Internal')
  })

  it('turn an error code that the contract does not list into Internal', async () => {
    const add = () => {
      throw new ProtocolError('NotFound', 'secret state')
    }
    const client = createClient(sampleProtocol, channelPair(createServer({ services: [sample({ add })({})] }), owner))
    const error = await failure(client.add({ a: 1n, b: 1n }))
    expect([error.code, error.message]).to.deep.equal(['Internal', 'The twin could not answer'])
  })

  it('turn an answer outside the contract into Internal, at either end', async () => {
    const echo = () => ({ text: 5 }) as unknown as { text: string }
    const client = createClient(sampleProtocol, channelPair(createServer({ services: [sample({ echo })({})] }), owner))
    expect((await failure(client.echo({ text: '' }))).code).to.equal('Internal')
    const { channel, accepted } = rawChannel(newest)
    const pending = failure(createClient(sampleProtocol, channel).echo({ text: '' }))
    await until(() => accepted.length === 1)
    accepted[0]!.send({ i: (await accepted[0]!.next())!.i!, b: { text: 5 } })
    expect((await pending).code).to.equal('Internal')
  })

  it('give the service only what the contract knows, and refuse what does not fit it before the service', async () => {
    const seen: unknown[] = []
    const echo = (request: { text: string }) => {
      seen.push(request)
      return request
    }
    const server = createServer({ services: [sample({ echo })({})] })
    const client = createClient(sampleProtocol, channelPair(server, owner), { checkRequests: false })
    await client.echo({ text: 'a', extra: 1 } as { text: string })
    const error = await failure(client.echo({ text: 'x'.repeat(101) }))
    expect([error.code, error.message]).to.deep.equal([
      'InvalidArgument',
      'The request does not fit the contract at text'
    ])
    expect(seen).to.deep.equal([{ text: 'a' }])
  })

  it('end with DeadlineExceeded at the caller when the peer is silent, and are cancelled at the peer', async () => {
    const clock = new ManualClock()
    const { channel, accepted } = rawChannel(newest)
    const pending = failure(createClient(sampleProtocol, channel, { clock }).echo({ text: '' }, { timeoutMs: 100 }))
    await clock.advance(110)
    expect((await pending).code).to.equal('DeadlineExceeded')
    expect((await accepted[0]!.next())?.t).to.equal(100)
    expect((await accepted[0]!.next())?.x).to.equal(true)
  })

  it('are answered with Internal by the server when its service breaks the contract', async () => {
    const echo = () => ({ text: 5 }) as unknown as { text: string }
    const raw = await RawStream.open(createServer({ services: [sample({ echo })({})] }), newest)
    raw.send({ i: 1, m: 'echo', b: { text: '' } })
    expect((await raw.next())?.e?.c).to.equal('Internal')
  })

  it('of one turn leave in one write', async () => {
    const pair = channelPair(createServer({ services: [sample()({})] }), owner)
    let writes = 0
    const openStream: Channel['openStream'] = async ids => {
      const { stream, protocolId } = await pair.openStream(ids)
      const write = (chunk: Uint8Array) => {
        writes++
        return stream.write(chunk)
      }
      return { stream: { ...stream, write }, protocolId }
    }
    const client = createClient(sampleProtocol, { ...pair, openStream })
    await client.echo({ text: 'warm' })
    writes = 0
    await Promise.all(Array.from({ length: 50 }, () => client.echo({ text: 'a' })))
    expect(writes).to.equal(1)
  })

  it('are no longer read from a caller that does not read its answers', async () => {
    let calls = 0
    const echo = (request: { text: string; data?: Uint8Array }) => {
      calls++
      return request
    }
    const raw = await RawStream.open(createServer({ services: [sample({ echo })({})] }), newest)
    for (let i = 1; i <= 500; i++) {
      raw.send({ i, m: 'echo', b: { text: '', data: new Uint8Array(10_000) } })
      await settle()
    }
    expect(calls).to.be.lessThan(30)
  })

  it('above the number allowed in flight are refused by the server, even after the caller gave up on them', async () => {
    const server = createServer({
      services: [sample({ echo: () => new Promise(() => {}) })({})],
      limits: { maxCallsInFlight: 2 }
    })
    const raw = await RawStream.open(server, newest)
    for (const i of [1, 2]) raw.send({ i, m: 'echo', b: { text: '' } })
    await settle()
    for (const i of [1, 2]) raw.send({ i, x: true })
    raw.send({ i: 3, m: 'echo', b: { text: '' } })
    const answer = await raw.next()
    expect([answer?.i, answer?.e?.c]).to.deep.equal([3, 'ResourceExhausted'])
  })

  it('above the number allowed in flight wait their turn at a client', async () => {
    let running = 0
    let most = 0
    const echo = async (request: { text: string }) => {
      most = Math.max(most, ++running)
      await settle()
      running--
      return request
    }
    const server = createServer({ services: [sample({ echo })({})] })
    const client = createClient(sampleProtocol, channelPair(server, owner))
    await Promise.all(Array.from({ length: 600 }, () => client.echo({ text: '' })))
    expect(most).to.equal(sampleProtocol.limits.maxCallsInFlight)
  })

  it('spend the tokens of their caller, who gets them back with time; other callers and the owner are not affected', async () => {
    const clock = new ManualClock()
    const server = createServer({ services: [sample()({})], clock, limits: { rate: { points: 3, durationMs: 3000 } } })
    const call = async (caller: Caller) => {
      const client = createClient(sampleProtocol, channelPair(server, caller), { clock })
      return client.echo({ text: '' }).then(
        () => 'ok',
        (error: ProtocolError) => error.code
      )
    }
    const alice: Caller = { class: 'contact', twin: 'alice' }
    const codes: string[] = []
    for (let n = 0; n < 4; n++) codes.push(await call(alice))
    expect(codes).to.deep.equal(['ok', 'ok', 'ok', 'ResourceExhausted'])
    expect(await call({ class: 'contact', twin: 'bob' })).to.equal('ok')
    for (let n = 0; n < 10; n++) expect(await call(owner)).to.equal('ok')
    await clock.advance(1000)
    expect([await call(alice), await call(alice)]).to.deep.equal(['ok', 'ResourceExhausted'])
  })

  it('are Unimplemented for a method that does not exist, and the session goes on', async () => {
    const raw = await RawStream.open(createServer({ services: [sample()({})] }), newest)
    for (const m of ['nothing', '__proto__', 'constructor', 'count']) raw.send({ i: 1, m, b: {} })
    raw.send({ i: 2, m: 'echo', b: { text: 'still here' } })
    const codes = [await raw.next(), await raw.next(), await raw.next(), await raw.next()].map(frame => frame?.e?.c)
    expect(codes).to.deep.equal(['Unimplemented', 'Unimplemented', 'Unimplemented', 'InvalidArgument'])
    expect((await raw.next())?.b).to.deep.equal({ text: 'still here' })
  })

  it('in flight fail with Unavailable when the session breaks, and the next call opens another', async () => {
    let isStuck = true
    const echo = (request: { text: string }) => (isStuck ? new Promise<typeof request>(() => {}) : request)
    const server = createServer({ services: [sample({ echo })({})] })
    const streams: { abort(error: Error): void }[] = []
    const pair = channelPair(server, owner)
    const channel: Channel = {
      ...pair,
      openStream: async ids => {
        const opened = await pair.openStream(ids)
        streams.push(opened.stream)
        return opened
      }
    }
    const client = createClient(sampleProtocol, channel)
    const pending = Promise.all([failure(client.echo({ text: '1' })), failure(client.echo({ text: '2' }))])
    await settle()
    streams[0]!.abort(new Error('cable cut'))
    expect((await pending).map(error => error.code)).to.deep.equal(['Unavailable', 'Unavailable'])
    isStuck = false
    expect(await client.echo({ text: 'again' })).to.deep.equal({ text: 'again' })
    expect(streams).to.have.length(2)
  })

  it('find another channel through the function they were given once the first closed', async () => {
    const server = createServer({ services: [sample()({})] })
    const channels: Channel[] = []
    const client = createClient(sampleProtocol, async () => {
      channels.push(channelPair(server, owner))
      return channels.at(-1)!
    })
    await client.echo({ text: 'a' })
    await client.echo({ text: 'b' })
    await channels[0]!.close()
    await settle()
    expect(await client.echo({ text: 'c' })).to.deep.equal({ text: 'c' })
    expect(channels).to.have.length(2)
  })

  it('share one session, which closes when idle and opens again', async () => {
    const clock = new ManualClock()
    const server = createServer({ services: [sample()({})], clock })
    const pair = channelPair(server, owner)
    let opened = 0
    const openStream: Channel['openStream'] = ids => {
      opened++
      return pair.openStream(ids)
    }
    const client = createClient(sampleProtocol, { ...pair, openStream }, { clock })
    await Promise.all([client.echo({ text: '1' }), client.echo({ text: '2' })])
    await client.echo({ text: '3' })
    expect(opened).to.equal(1)
    await clock.advance(sampleProtocol.limits.idleTimeoutMs)
    await client.echo({ text: '4' })
    expect(opened).to.equal(2)
  })

  it('are refused over a relay when the contract says so', async () => {
    const server = createServer({ services: [sample()({})] })
    const client = createClient(sampleProtocol, channelPair(server, owner, { relayed: true }))
    expect((await failure(client.echo({ text: '' }))).code).to.equal('FailedPrecondition')
  })

  it('ask the guard with the full scope and the checked request, and tell its reason to an owner only', async () => {
    const asked: unknown[] = []
    const server = createServer({
      services: [sample()({})],
      authorize: ({ scope, method, body }) => {
        asked.push([scope, method, body])
        return { allow: false, reason: 'Device is on probation' }
      }
    })
    const told = (caller: Caller) =>
      failure(createClient(sampleProtocol, channelPair(server, caller)).echo({ text: 'a' })).then(
        error => error.message
      )
    expect(await told(owner)).to.equal('Device is on probation')
    expect(await told({ class: 'contact' })).to.equal('This caller may not use this method')
    expect(asked[0]).to.deep.equal(['sample.read', 'echo', { text: 'a' }])
  })

  it('need a grant by name when they come from an experience', async () => {
    const server = createServer({ services: [sample()({})] })
    const call = (scopes?: string[]) =>
      createClient(sampleProtocol, channelPair(server, { class: 'experience', scopes })).echo({ text: '' })
    expect((await failure(call())).code).to.equal('PermissionDenied')
    expect((await failure(call(['sample.write', 'other.read']))).code).to.equal('PermissionDenied')
    await call(['sample.read'])
  })

  it('wait for the caller to be identified, but not for ever', async () => {
    const clock = new ManualClock()
    const server = createServer({ services: [sample()({})], clock })
    const [near, far] = streamPair()
    void server.accept(newest, far, new Promise(() => {}), { relayed: false })
    await clock.advance(10_010)
    expect(near.closed.aborted).to.equal(true)
  })
})
