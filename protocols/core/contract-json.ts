import type { Scope } from './define-protocol.ts'
import type { AnyProtocol } from './define-service.ts'
import { toJsonForm } from './json-form.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'
import type { ProtocolLimits } from './limits.ts'
import { type Method, schemasOf } from './method.ts'

export interface MethodJson {
  readonly kind: Method['kind']
  readonly doc: string
  readonly scope: string
  readonly since: string
  readonly errors: readonly string[]
  /** `request` and, by kind, `response`, `item`, or `up` and `down` */
  readonly messages: Readonly<Record<string, JsonSchema>>
  readonly examples: readonly Readonly<Record<string, unknown>>[]
}

/** A contract as data for other languages, agent tools and the compatibility check. */
export interface ContractJson {
  readonly format: 'twin-contract/1'
  readonly id: string
  readonly name: string
  readonly version: string
  readonly doc: string
  readonly scopes: Readonly<Record<string, Omit<Scope, 'level'>>>
  readonly limits: ProtocolLimits
  readonly methods: Readonly<Record<string, MethodJson>>
}

/** The same contract gives the same text, byte for byte: members are sorted by name, lists keep their order. */
export function contractToJson(protocol: AnyProtocol): ContractJson {
  const { id, name, version, doc, limits, major } = protocol
  const scopes = Object.entries(protocol.scopes).map(([key, { doc, consent, callers }]) => [
    key,
    { doc, consent, callers }
  ])
  const methods = Object.entries(protocol.methods).map(([key, method]) => [key, methodToJson(method, `${major}.0`)])
  const contract = {
    format: 'twin-contract/1',
    id,
    name,
    version,
    doc,
    scopes: Object.fromEntries(scopes),
    limits,
    methods: Object.fromEntries(methods)
  }
  // Sorting copies the members and changes none
  return sortMembers(contract) as ContractJson
}

function methodToJson(method: Method, first: string): MethodJson {
  const { kind, doc, scope, since = first, errors = [] } = method
  const messages = Object.entries(schemasOf(method)).map(([field, schema]) => [field, toJsonSchema(schema)])
  const examples = method.examples.map(example => exampleToJson(method, example))
  return { kind, doc, scope, since, errors: [...errors].sort(), messages: Object.fromEntries(messages), examples }
}

function exampleToJson(method: Method, example: object): Record<string, unknown> {
  const schemas = schemasOf(method)
  const json = Object.entries(example).map(([field, value]) => {
    if (field === 'items') return [field, value.map((item: unknown) => toJsonForm(schemas.item!, item))]
    if (Array.isArray(value)) return [field, value.map(item => toJsonForm(schemas[field]!, item))]
    return [field, toJsonForm(schemas[field]!, value)]
  })
  return Object.fromEntries(json)
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sortMembers(member)])
  )
}
