import { expect } from 'chai'
import {
  type Caller,
  channelPair,
  createClient,
  createServer,
  defineProtocol,
  defineService,
  type ProtocolError
} from './index.ts'
import { ManualClock } from './manual-clock.fixture.ts'
import { sample, sampleProtocol } from './sample.fixture.ts'

const { echo } = sampleProtocol.methods
const otherProtocol = defineProtocol({ ...sampleProtocol, name: 'other', methods: { echo } })
const other = defineService(otherProtocol, () => ({ echo: (request: { text: string }) => request }))

describe('createServer()', () => {
  it('counts the calls of one peer over all protocols together, and those of the owner and of experiences never', async () => {
    const clock = new ManualClock()
    const services = [sample()({}), other()({})]
    const server = createServer({ services, clock, callsPerPeer: { points: 3, durationMs: 3000 } })
    const callBoth = async (caller: Caller) => {
      const codes: string[] = []
      for (const protocol of [sampleProtocol, otherProtocol, sampleProtocol, otherProtocol]) {
        const client = createClient(protocol as typeof otherProtocol, channelPair(server, caller), { clock })
        const call = client.echo({ text: '' })
        codes.push(await call.then(() => 'ok').catch((error: ProtocolError) => error.code))
      }
      return codes
    }
    const alice: Caller = { class: 'contact', twin: 'alice' }
    expect(await callBoth(alice)).to.deep.equal(['ok', 'ok', 'ok', 'ResourceExhausted'])
    expect(await callBoth({ class: 'contact', twin: 'bob' })).to.deep.equal(['ok', 'ok', 'ok', 'ResourceExhausted'])
    const local: Caller[] = [{ class: 'owner' }, { class: 'experience', scopes: ['*'] }]
    for (const caller of local) expect(await callBoth(caller)).to.deep.equal(['ok', 'ok', 'ok', 'ok'])
    await clock.advance(1000)
    expect(await callBoth(alice)).to.deep.equal(['ok', ...Array(3).fill('ResourceExhausted')])
  })

  it('serves no contract whose messages are longer than a frame may be', () => {
    const { maxMessageSize } = sampleProtocol.limits
    expect(() => createServer({ services: [sample()({})], maxFrame: maxMessageSize - 1 })).to.throw(
      RangeError,
      'sample'
    )
    expect(createServer({ services: [sample()({})], maxFrame: maxMessageSize }).protocolIds).not.empty
  })
})
