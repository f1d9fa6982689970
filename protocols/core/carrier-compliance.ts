/** What any carrier must show: calls of every kind behave alike, with back pressure, cancellation and clean ends. */
import { expect } from 'chai'
import type { Caller, Channel, Client, ProtocolError, ProtocolServer } from './index.ts'
import { createClient, createServer } from './index.ts'
import { type SampleProtocol, sample, sampleProtocol } from './sample.fixture.ts'

export interface CarrierSetup {
  connect(server: ProtocolServer, caller: Caller): Promise<{ channel: Channel; close(): Promise<void> }>
}

export default function carrierCompliance(setup: CarrierSetup): void {
  let client: Client<SampleProtocol>
  let server: ProtocolServer
  let connection: Awaited<ReturnType<CarrierSetup['connect']>>
  let produced = 0
  let signals: AbortSignal[] = []

  async function start(caller: Caller = { class: 'owner' }): Promise<void> {
    produced = 0
    signals = []
    const service = sample({
      async *count({ to, size }, { signal }) {
        signals.push(signal)
        for (let n = 0; n < to; n++) {
          produced++
          yield { n, data: new Uint8Array(size) }
        }
        await new Promise(resolve => signal.addEventListener('abort', resolve))
      },
      add: async (_, { signal }) => {
        signals.push(signal)
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        return { sum: 0n }
      }
    })({})
    server = createServer({ services: [service] })
    connection = await setup.connect(server, caller)
    client = createClient(sampleProtocol, connection.channel)
  }

  afterEach(async () => {
    await client.close()
    await connection.close()
    await server.stop()
  })

  /** Round trips on the same carrier, until a count stands still for as many as empty every queue between both ends. */
  async function settled(count: () => number): Promise<void> {
    for (let before = -1; before !== count(); ) {
      before = count()
      for (let trip = 0; trip < 20; trip++) await client.echo({ text: 'settled?' })
    }
  }

  it('answers a unary call', async () => {
    await start()
    expect(await client.echo({ text: 'grüße', data: new Uint8Array([0, 255]) })).to.deep.equal({
      text: 'grüße',
      data: new Uint8Array([0, 255])
    })
  })

  it('answers two hundred calls at once, each with its own answer', async () => {
    await start()
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => client.echo({ text: `n${i}` })))
    expect(answers.map(answer => answer.text)).to.deep.equal(Array.from({ length: 200 }, (_, i) => `n${i}`))
  })

  it('carries a message near the size limit', async () => {
    await start()
    const data = Uint8Array.from({ length: 40_000 }, (_, i) => i)
    expect((await client.echo({ text: '', data })).data).to.deep.equal(data)
  })

  it('carries the code and words of an error', async () => {
    await start()
    const error = await failure(client.echo({ text: 'missing' }))
    expect([error.code, error.message]).to.deep.equal(['NotFound', 'Nothing of this name'])
  })

  it('streams items both ways and ends when the service ends', async () => {
    await start()
    const doubled: number[] = []
    for await (const { n } of client.double({}, numbers(500))) doubled.push(n)
    expect(doubled).to.deep.equal(Array.from({ length: 500 }, (_, n) => n * 2))
  })

  it('makes a service wait for a slow reader', async () => {
    await start()
    const items = client.count({ to: 10_000, size: 1000 })[Symbol.asyncIterator]()
    for (let n = 0; n < 3; n++) expect((await items.next()).value?.n).to.equal(n)
    await settled(() => produced)
    expect(produced).to.be.lessThan(40)
    for (let n = 3; n < 300; n++) expect((await items.next()).value?.n).to.equal(n)
    expect(produced).to.be.greaterThan(299).and.lessThan(340)
    await items.return?.()
  })

  it('makes a caller wait for a slow service', async () => {
    await start()
    let sent = 0
    async function* source() {
      for (; sent < 100_000; sent++) yield { n: sent }
    }
    const items = client.double({}, source())[Symbol.asyncIterator]()
    await items.next()
    await settled(() => sent)
    // Items of six bytes: a window up, a window down, and what is between
    expect(sent).to.be.lessThan(9000)
    await items.return?.()
  })

  it('fires the signal of the service when a caller cancels a unary call', async () => {
    await start()
    const controller = new AbortController()
    const pending = failure(client.add({ a: 1n, b: 1n }, { signal: controller.signal }))
    await until(() => signals.length === 1)
    controller.abort()
    expect((await pending).code).to.equal('Cancelled')
    await until(() => signals[0]!.aborted)
  })

  it('fires the signal of the service when a reader leaves its loop', async () => {
    await start()
    for await (const _ of client.count({ to: 5 })) break
    await until(() => signals[0]!.aborted)
    expect(signals).to.have.length(1)
  })

  it('fires the signal of the service when the channel closes', async () => {
    await start()
    const items = client.count({ to: 1 })[Symbol.asyncIterator]()
    await items.next()
    const pending = failure(items.next() as Promise<unknown>)
    await connection.channel.close()
    expect((await pending).code).to.equal('Unavailable')
    await until(() => signals[0]!.aborted)
  })

  it('denies a stranger', async () => {
    await start({ class: 'stranger' })
    expect((await failure(client.echo({ text: 'a' }))).code).to.equal('PermissionDenied')
    const items = client.count({ to: 1 })[Symbol.asyncIterator]()
    expect((await failure(items.next() as Promise<unknown>)).code).to.equal('PermissionDenied')
  })
}

export async function* numbers(count: number): AsyncGenerator<{ n: number }> {
  for (let n = 0; n < count; n++) yield { n }
}

export async function failure(promise: Promise<unknown>): Promise<ProtocolError> {
  try {
    await promise
  } catch (error) {
    return error as ProtocolError
  }
  throw new Error('Expected a rejection')
}

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setImmediate(resolve))
}
