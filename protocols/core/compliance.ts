/** What any capability must show, read off its contract: who is let in, what is refused, and that its bytes are frozen. */
import { expect } from 'chai'
import * as v from 'valibot'
import { type CallerClass, callerClasses } from './caller.ts'
import { decodeCbor } from './cbor-decode.ts'
import { encodeCbor } from './cbor-encode.ts'
import { channelPair } from './channel-pair.ts'
import { createClient } from './client.ts'
import { checkCompatible } from './compatibility.ts'
import { type ContractJson, contractToJson } from './contract-json.ts'
import { protocolId } from './define-protocol.ts'
import type { AnyProtocol, Service } from './define-service.ts'
import type { ProtocolError } from './errors.ts'
import { decodeFrame } from './frame.ts'
import { fromJsonForm, toJsonForm } from './json-form.ts'
import { fromJsonSchema, type JsonSchema, toJsonSchema } from './json-schema.ts'
import { exampleValues, type Method } from './method.ts'
import { createServer, type ProtocolServer } from './server.ts'
import { FrameCutter } from './unframe.ts'

/** Where the frozen files of a capability are; see `fileVectors` for Node. */
export interface VectorStore {
  read(name: string): Promise<unknown | undefined>
  /** Present while vectors are being made (`UPDATE_VECTORS=1`); it only ever adds a file that is missing */
  write?(name: string, content: unknown): Promise<void>
}

export interface ComplianceSetup {
  readonly vectors?: VectorStore
  /** Default: a service that must never be reached */
  readonly createService?: () => Service | Promise<Service>
}

export default function contractCompliance(protocol: AnyProtocol, setup: ComplianceSetup = {}): void {
  const methods = Object.entries(protocol.methods)

  describe(`contract ${protocol.id}`, () => {
    let server: ProtocolServer
    before(async () => {
      const service = (await setup.createService?.()) ?? unreachableService(protocol)
      server = createServer({ services: [service], limits: { rate: { points: 100_000, durationMs: 1 } } })
    })
    after(() => server.stop())

    for (const [name, method] of methods) {
      const open = protocol.scopes[method.scope]!.callers
      for (const caller of callerClasses.filter(candidate => !open.includes(candidate) || candidate === 'experience')) {
        it(`${name}() is denied to ${caller}${open.includes(caller) ? ' without a grant' : ''}`, async () => {
          expect(await call(server, protocol, name, method.examples[0]!.request, caller)).to.equal('PermissionDenied')
        })
      }

      for (const [what, request] of misfits(toJsonSchema(method.request))) {
        it(`${name}() refuses ${what}`, async () => {
          // Whoever may not call is denied only after the request was checked
          const value = request(method.examples[0]!.request as Record<string, unknown>)
          expect(await call(server, protocol, name, value, open[0] ?? 'stranger')).to.equal('InvalidArgument')
        })
      }

      it(`${name}() has examples that survive CBOR and the JSON form`, () => {
        for (const { schema, value } of exampleValues(method)) {
          const parsed = v.parse(schema, value)
          expect(v.parse(schema, decodeCbor(encodeCbor(value)))).to.deep.equal(parsed)
          expect(fromJsonForm(schema, JSON.parse(JSON.stringify(toJsonForm(schema, value))))).to.deep.equal(parsed)
        }
      })

      it(`${name}() has messages that survive JSON Schema`, () => {
        for (const { schema, value } of exampleValues(method)) {
          const json = toJsonSchema(schema)
          const again = fromJsonSchema(JSON.parse(JSON.stringify(json)))
          expect(toJsonSchema(again)).to.deep.equal(json)
          expect(v.parse(again, value)).to.deep.equal(v.parse(schema, value))
        }
      })
    }

    it('refuses a message above its limit by the declared length alone', async () => {
      const channel = channelPair(server, { class: 'owner' })
      const { stream } = await channel.openStream([protocol.id])
      stream.write(new Uint8Array(varint(protocol.limits.maxMessageSize + 1)))
      const cutter = new FrameCutter(protocol.limits.maxMessageSize)
      for await (const chunk of stream.source) {
        const [answer] = cutter.push(chunk)
        if (answer === undefined) continue
        expect(decodeFrame(answer).e?.c).to.equal('TooLarge')
        return
      }
      expect.fail('The stream ended without an answer')
    })

    if (setup.vectors !== undefined) frozenSuite(protocol, methods, setup.vectors)
  })
}

function frozenSuite(protocol: AnyProtocol, methods: [string, Method][], vectors: VectorStore): void {
  it('has the contract that was frozen for this version', async () => {
    const contract = contractToJson(protocol)
    const frozen = await readOrWrite(vectors, `contract-${protocol.version}.json`, contract)
    expect(JSON.parse(JSON.stringify(contract))).to.deep.equal(frozen)
  })

  it('writes the bytes that were frozen for this version', async () => {
    const bytes: Record<string, string> = {}
    for (const [name, method] of methods) {
      for (const { place, value, schema } of exampleValues(method)) {
        bytes[`${name}.${place}`] = toHex(encodeCbor(v.parse(schema, value)))
      }
    }
    expect(bytes).to.deep.equal(await readOrWrite(vectors, `${protocol.version}.json`, bytes))
  })

  it('breaks no contract of an earlier minor', async () => {
    for (let minor = 0; minor < protocol.minor; minor++) {
      const version = protocolId(protocol.name, protocol.major, minor).split('/').at(-1)!
      const frozen = (await vectors.read(`contract-${version}.json`)) as ContractJson | undefined
      expect(frozen, `contract-${version}.json is missing`).to.not.equal(undefined)
      expect(checkCompatible(frozen!, contractToJson(protocol))).to.deep.equal([])
    }
  })
}

async function readOrWrite(vectors: VectorStore, name: string, content: unknown): Promise<unknown> {
  const frozen = await vectors.read(name)
  if (frozen !== undefined) return frozen
  if (vectors.write === undefined) throw new Error(`${name} is missing: set UPDATE_VECTORS=1 once to write it`)
  await vectors.write(name, content)
  return vectors.read(name)
}

/** The error code of a call, or `none`. Checks at the caller are off: the peer's are meant. */
async function call(
  server: ProtocolServer,
  protocol: AnyProtocol,
  name: string,
  request: unknown,
  caller: CallerClass
): Promise<string> {
  const client = createClient(protocol, channelPair(server, { class: caller }), { checkRequests: false })
  // The contract is data here, so the types of its methods are not known
  const method = (client as unknown as Record<string, (...values: unknown[]) => unknown>)[name]!
  try {
    const isDuplex = protocol.methods[name]!.kind === 'duplex'
    const result = isDuplex ? method(request, silence()) : method(request)
    if (protocol.methods[name]!.kind === 'unary') await result
    else for await (const _ of result as AsyncIterable<unknown>) break
    return 'none'
  } catch (error) {
    return (error as ProtocolError).code ?? String(error)
  } finally {
    await client.close()
  }
}

async function* silence(): AsyncGenerator<never> {}

/** Ways to spoil a valid request: another type as a whole, each required field left out, each field of another type. */
function* misfits(schema: JsonSchema): Generator<[string, (valid: Record<string, unknown>) => unknown]> {
  yield ['a request that is not an object', () => 'text']
  for (const [field, type] of Object.entries(schema.properties as Record<string, JsonSchema>)) {
    if ((schema.required as string[]).includes(field)) {
      yield [`a request without ${field}`, ({ [field]: _, ...rest }) => rest]
    }
    // Only free JSON takes a list of a list of null
    if (!takesAnyJson(type))
      yield [`a request with ${field} of another type`, valid => ({ ...valid, [field]: [[null]] })]
  }
}

function takesAnyJson(type: JsonSchema): boolean {
  return type['x-twin'] === 'json' || ((type.anyOf as JsonSchema[] | undefined)?.some(takesAnyJson) ?? false)
}

function unreachableService(protocol: AnyProtocol): Service {
  const reached = () => {
    throw new Error('The service was reached')
  }
  const methods = Object.fromEntries(Object.keys(protocol.methods).map(name => [name, reached]))
  return { protocol, methods: methods as unknown as Service['methods'], start: async () => {}, stop: async () => {} }
}

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    if (rest <= 0x7f) return bytes
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}
