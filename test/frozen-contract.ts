/** Contracts as earlier releases had them, from the files that are kept of each. */
import { readFileSync } from 'node:fs'
import {
  type AnyProtocol,
  type ContractJson,
  defineProtocol,
  duplex,
  fromJsonForm,
  fromJsonSchema,
  type MethodJson,
  type Schema,
  type Service,
  stream,
  unary
} from '../protocols/core/index.ts'

type Method = AnyProtocol['methods'][string]

export function readVector(name: string, file: string): unknown {
  return JSON.parse(readFileSync(`protocols/${name}/vectors/${file}.json`, 'utf8'))
}

/**
 * The contract of that version. It is made of the frozen file alone; its type is that of the contract of today, which has all that
 * an older minor of the same major has.
 */
export function frozenContract<P extends AnyProtocol>({ name }: P, version: string): P {
  const { scopes, limits, doc, methods } = readVector(name, `contract-${version}`) as ContractJson
  const made = Object.entries(methods).map(([key, method]) => [key, toMethod(method)])
  return defineProtocol({ name, version, doc, scopes, limits, methods: Object.fromEntries(made) }) as unknown as P
}

/** The service as a release offers it that knew that version of its contract. */
export function offerAs(version: string): <P extends AnyProtocol>(service: Service<P>) => Service<P> {
  return ({ protocol, methods, ...life }) => ({
    ...life,
    protocol: frozenContract(protocol, version),
    methods
  })
}

function toMethod({ kind, doc, scope, since, errors, messages, examples }: MethodJson): Method {
  const schemas = Object.fromEntries(Object.entries(messages).map(([field, json]) => [field, fromJsonSchema(json)]))
  const rest = { doc, scope, since, errors, ...schemas, examples: examples.map(example => toExample(schemas, example)) }
  const make = { unary, stream, duplex }[kind] as (init: object) => Method
  return make(rest)
}

function toExample(schemas: Record<string, Schema>, example: Readonly<Record<string, unknown>>): object {
  const fields = Object.entries(example).map(([field, value]) => {
    const schema = schemas[field === 'items' ? 'item' : field]!
    return [field, Array.isArray(value) ? value.map(one => fromJsonForm(schema, one)) : fromJsonForm(schema, value)]
  })
  return Object.fromEntries(fields)
}
