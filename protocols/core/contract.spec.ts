import { expect } from 'chai'
import contractCompliance from './compliance.ts'
import { fileVectors } from './file-vectors.ts'
import {
  type BreachRule,
  type ContractJson,
  checkCompatible,
  contractCheck,
  contractShow,
  contractToJson,
  contractToMarkdown,
  fromJsonForm,
  fromJsonSchema,
  toJsonForm,
  toJsonSchema,
  schema as v
} from './index.ts'
import { firstSampleProtocol, sampleProtocol } from './sample.fixture.ts'

contractCompliance(firstSampleProtocol, { vectors: fileVectors('protocols/core/vectors/sample') })
contractCompliance(sampleProtocol, { vectors: fileVectors('protocols/core/vectors/sample') })

// Contract files as a release would write them, to be spoilt at will
// biome-ignore lint/suspicious/noExplicitAny: a spec reaches into any part
type Loose = any
const fresh = (): Loose => JSON.parse(JSON.stringify(contractToJson(sampleProtocol)))

describe('checkCompatible()', () => {
  const changes: [BreachRule, (newer: Loose) => void][] = [
    ['name-changed', c => (c.name = 'other')],
    ['version-not-bumped', c => (c.version = '1.1')],
    ['method-removed', c => delete c.methods.echo],
    ['method-kind-changed', c => (c.methods.echo.kind = 'stream')],
    ['method-without-since', c => (c.methods.extra = c.methods.echo)],
    ['method-scope-changed', c => (c.methods.echo.scope = 'write')],
    ['scope-removed', c => delete c.scopes.write],
    ['scope-widened', c => c.scopes.write.callers.push('contact')],
    ['scope-narrowed', c => c.scopes.read.callers.pop()],
    ['consent-changed', c => (c.scopes.read.consent = 'Do anything')],
    ['field-removed', c => delete c.methods.echo.messages.request.properties.data],
    [
      'required-field-added',
      c => {
        c.methods.echo.messages.request.properties.more = { type: 'boolean' }
        c.methods.echo.messages.request.required.push('more')
      }
    ],
    ['field-made-required', c => c.methods.echo.messages.request.required.push('data')],
    ['field-made-optional', c => (c.methods.echo.messages.response.required = [])],
    ['type-narrowed', c => (c.methods.echo.messages.request.properties.text.maxLength = 50)],
    ['type-narrowed', c => (c.methods.add.messages.request.properties.a = { type: 'integer' })],
    ['type-widened', c => (c.methods.count.messages.item.properties.data['x-maxBytes'] = 70_000)],
    ['error-added', c => c.methods.echo.errors.push('Aborted')],
    ['limit-lowered', c => (c.limits.maxMessageSize = 1000)],
    ['limit-lowered', c => (c.limits.rate.points = 1)]
  ]
  for (const [rule, change] of changes) {
    it(`reports ${rule}`, () => {
      const newer = fresh()
      newer.version = '1.2'
      change(newer)
      if (rule === 'version-not-bumped') newer.limits.window = 1e9
      expect(checkCompatible(fresh(), newer).map(breach => breach.rule)).to.include(rule)
    })
  }

  it('lets optional additions, wider requests and better words pass', () => {
    const newer = fresh()
    newer.version = '1.2'
    newer.doc = 'Better words'
    newer.methods.echo.messages.request.properties.text.maxLength = 200
    newer.methods.echo.messages.request.properties.more = { type: 'boolean' }
    newer.methods.echo.messages.response.properties.more = { type: 'boolean' }
    newer.methods.echo.messages.response.properties.text.maxLength = 90
    newer.methods.extra = { ...newer.methods.echo, since: '1.2' }
    newer.limits.window = 1e9
    expect(checkCompatible(fresh(), newer)).to.deep.equal([])
    expect(contractCheck(fresh(), newer).text).to.equal('/twin/sample/1.1 → /twin/sample/1.1: compatible')
  })

  it('lets a new major change everything', () => {
    const newer = fresh()
    newer.version = '2.0'
    newer.methods = {}
    expect(checkCompatible(fresh(), newer)).to.deep.equal([])
  })

  it('wants no new version for words alone', () => {
    const newer = fresh()
    newer.methods.echo.doc = 'Better words'
    expect(checkCompatible(fresh(), newer)).to.deep.equal([])
  })
})

describe('contract files and pages', () => {
  it('are the same text each time, with sorted members', () => {
    const text = JSON.stringify(contractToJson(sampleProtocol))
    expect(JSON.stringify(contractToJson(sampleProtocol))).to.equal(text)
    expect(Object.keys(contractToJson(sampleProtocol).methods)).to.deep.equal([
      'add',
      'count',
      'double',
      'echo',
      'later'
    ])
  })

  it('show scopes with their consent and methods with their words', () => {
    const contract: ContractJson = contractToJson(sampleProtocol)
    expect(contractShow(contract)).to.contain('read: Read the sample (owner, contact, experience)')
    expect(() => contractShow({ format: 'else' })).to.throw('twin-contract/1')
    expect(contractToMarkdown(sampleProtocol)).to.contain('| request | `text` | text, at most 100 |  |')
  })
})

describe('the JSON form', () => {
  const schema = v.object({
    data: v.bytes({ max: 10 }),
    big: v.bigint(),
    free: v.json({ maxBytes: 100 }),
    either: v.nullable(v.union([v.bytes({ max: 3 }), v.text({ max: 3 })]))
  })
  const value = {
    data: new Uint8Array([255, 0]),
    big: 2n ** 63n,
    free: { $bytes: 'AAAA' },
    either: new Uint8Array([1])
  }

  it('is {"$bytes"} in base64url for bytes and a decimal string for a bigint, and comes back by its schema', () => {
    const form = toJsonForm(schema, value)
    expect(form).to.deep.equal({
      data: { $bytes: '_wA' },
      big: '9223372036854775808',
      free: { $bytes: 'AAAA' },
      either: { $bytes: 'AQ' }
    })
    expect(fromJsonForm(schema, form)).to.deep.equal(value)
    expect(fromJsonForm(schema, { ...(form as object), either: null })).to.deep.equal({ ...value, either: null })
  })

  it('is refused with InvalidArgument when it does not fit', () => {
    for (const spoilt of [
      { data: 'text' },
      { big: '1e3' },
      { big: '99999999999999999999' },
      { data: { $bytes: '*' } },
      { free: undefined }
    ]) {
      const form = { ...(toJsonForm(schema, value) as object), ...spoilt }
      expect(() => fromJsonForm(schema, form), JSON.stringify(spoilt))
        .to.throw()
        .with.property('code', 'InvalidArgument')
    }
  })

  it('has a JSON Schema that comes back as the same schema', () => {
    const all = v.object({
      ...schema.entries,
      id: v.twinId(),
      at: v.timeMs(),
      kind: v.picklist(['a', 'b']),
      table: v.pipe(v.record(v.text({ max: 5 }), v.int()), v.maxEntries(3)),
      shape: v.variant('type', [v.object({ type: v.literal('x'), n: v.int() }), v.object({ type: v.literal('y') })]),
      flag: v.optional(v.boolean(), true)
    })
    const json = toJsonSchema(all)
    expect(toJsonSchema(fromJsonSchema(JSON.parse(JSON.stringify(json))))).to.deep.equal(json)
  })
})
