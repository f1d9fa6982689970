import { expect } from 'chai'
import { failure } from './carrier-compliance.ts'
import { channelPair, createClient, createServer, defineProtocol, defineService, unary, schema as v } from './index.ts'
import { RawStream } from './raw-stream.fixture.ts'
import { firstSampleProtocol, sample, sampleProtocol } from './sample.fixture.ts'

const server = () => createServer({ services: [sample()({})] })

describe('versions', () => {
  it('are offered newest first, with every lower minor', () => {
    expect(sampleProtocol.ids).to.deep.equal(['/twin/sample/1.1', '/twin/sample/1.0'])
    expect(server().protocolIds).to.deep.equal(['/twin/sample/1.1', '/twin/sample/1.0'])
  })

  it('are negotiated down to what an old client speaks', async () => {
    const client = createClient(firstSampleProtocol, channelPair(server(), { class: 'owner' }))
    expect(await client.echo({ text: 'a' })).to.deep.equal({ text: 'a' })
  })

  it('are told to the service', async () => {
    const client = createClient(sampleProtocol, channelPair(server(), { class: 'owner' }))
    expect(await client.later({})).to.deep.equal({ version: '1.1' })
  })

  it('make a new method Unimplemented at a server that is older', async () => {
    const first = defineService(firstSampleProtocol, () => {
      const { later: _, ...methods } = sample()({}).methods
      return methods
    })
    const oldServer = createServer({ services: [first()({})] })
    const client = createClient(sampleProtocol, channelPair(oldServer, { class: 'owner' }))
    expect(await client.echo({ text: 'a' })).to.deep.equal({ text: 'a' })
    const error = await failure(client.later({}))
    expect([error.code, error.message]).to.deep.equal([
      'Unimplemented',
      'Method later needs version 1.1, the peer speaks 1.0'
    ])
  })

  it('make a new method Unimplemented on a stream that agreed on the old minor', async () => {
    const raw = await RawStream.open(server(), '/twin/sample/1.0')
    raw.send({ i: 1, m: 'later', b: {} })
    expect((await raw.next())?.e?.c).to.equal('Unimplemented')
  })

  it('of another major are another protocol', async () => {
    const second = defineProtocol({ ...firstSampleProtocol, version: '2.0' })
    const client = createClient(second, channelPair(server(), { class: 'owner' }))
    expect((await failure(client.echo({ text: 'a' }))).code).to.equal('Unimplemented')
  })
})

describe('defineProtocol()', () => {
  const method = (request: Parameters<typeof unary>[0]['request']) =>
    unary({ doc: 'A', scope: 'read', request, response: v.object({}), examples: [{ request: {}, response: {} }] })
  const define = (methods: Record<string, ReturnType<typeof method>>, more: object = {}) =>
    defineProtocol({ ...sampleProtocol, version: '1.0', methods, ...more })

  const faults: [string, () => unknown, string][] = [
    ['a string without a bound', () => define({ a: method(v.object({ s: v.string() })) }), 'max_length'],
    ['an array without a bound', () => define({ a: method(v.object({ s: v.array(v.int()) })) }), 'bound'],
    [
      'a string without a bound deep inside',
      () => define({ a: method(v.object({ s: v.list(v.string(), { max: 3 }) })) }),
      'bound'
    ],
    ['a request that is not an object', () => define({ a: method(v.text({ max: 3 })) }), 'object'],
    ['an example that does not fit', () => define({ a: method(v.object({ s: v.int() })) }), 'example'],
    ['a reserved method name', () => define({ close: method(v.object({})) }), 'name'],
    ['a name that does not fit an id', () => define({}, { name: 'Sample/1' }), 'name'],
    ['a version that is not two numbers', () => define({}, { version: '1' }), 'version'],
    ['a scope that is not defined', () => define({ a: { ...method(v.object({})), scope: 'nowhere' } }), 'scope'],
    ['a method of the future', () => define({ a: { ...method(v.object({})), since: '1.9' } }), 'since'],
    ['a method without an example', () => define({ a: { ...method(v.object({})), examples: [] } }), 'example'],
    ['a limit that is not a positive number', () => define({}, { limits: { window: 0 } }), 'window']
  ]
  for (const [what, fault, word] of faults) {
    it(`refuses ${what}`, () => {
      expect(fault).to.throw(new RegExp(word, 'i'))
    })
  }

  it('freezes the contract', () => {
    expect(Object.isFrozen(sampleProtocol.methods.echo)).to.equal(true)
    expect(Object.isFrozen(sampleProtocol.scopes.read.callers)).to.equal(true)
  })
})
