import {
  type AnyProtocol,
  fromJsonForm,
  type JsonSchema,
  type Method,
  type Schema,
  toJsonSchema
} from '../../protocols/core/index.ts'
import type { Command, Context, Option, Positional } from './command.ts'
import { commandLines, toKebab } from './contract-example.ts'
import { contracts } from './contracts.ts'
import { UsageError } from './failure.ts'
import { readLines } from './stdin.ts'
import { sanitize } from './style.ts'

type Call = (request: unknown, ...more: unknown[]) => Promise<unknown> | AsyncIterable<unknown>

export function capabilityNames(): string[] {
  return Object.keys(contracts)
}

/**
 * `twin <capability> <method> [args]`, made from the contract: required fields in order are arguments, the others options.
 * Fields that are not plain are written as JSON. Methods that only others may call are left out.
 */
export async function contractCommands(capability: string): Promise<readonly Command[]> {
  if (!Object.hasOwn(contracts, capability)) return []
  const protocol = await contracts[capability]!()
  return Object.entries(protocol.methods)
    .filter(([, method]) => protocol.scopes[method.scope]?.callers.includes('owner'))
    .map(([name, method]) => toCommand(protocol, name, method))
}

function toCommand(protocol: AnyProtocol, name: string, method: Method): Command {
  const { properties = {}, required = [] } = toJsonSchema(method.request) as RequestSchema
  const positionals: Positional[] = required.map(field => ({ name: toUpper(field), doc: describe(properties[field]!) }))
  const optional = Object.keys(properties).filter(field => !required.includes(field))
  const options = Object.fromEntries(
    optional.map(field => {
      const schema = properties[field]!
      const isSwitch = schema.type === 'boolean'
      const option: Option = { doc: describe(schema), ...(isSwitch ? {} : { value: toUpper(field) }) }
      return [toKebab(field), option]
    })
  )
  const words = [protocol.name, toKebab(name)]
  const notes =
    method.kind === 'duplex' ? 'Items to send are read from standard input, one JSON object a line.' : undefined
  return {
    words,
    summary: method.doc,
    positionals,
    options,
    examples: commandLines(words, method, required),
    notes,
    run: async context => {
      const json = Object.fromEntries([
        ...required.map(field => [field, toValue(context.values.text(toUpper(field)), properties[field]!, field)]),
        ...optional
          .filter(field => context.values.isOn(toKebab(field)))
          .map(field => [field, toValue(context.values.option(toKebab(field))!, properties[field]!, field)])
      ])
      const request = fromJsonForm(method.request, json) as object
      // Each function of a client stands for the method of the same name
      const call = ((await context.connect()).client(protocol) as unknown as Record<string, Call>)[name]!
      await show(context, method, call, request)
      return undefined
    }
  }
}

async function show({ out, io, signal }: Context, method: Method, call: Call, request: object): Promise<void> {
  const write = (value: unknown) => {
    // Every response and item of a contract is an object
    out.result(value as object, () => sanitize(JSON.stringify(value, undefined, 2)))
  }
  if (method.kind === 'unary') {
    // A unary method answers once
    const answer = call(request, { signal }) as Promise<unknown>
    return write(await out.waiting('Waiting for the answer', answer))
  }
  const items =
    method.kind === 'stream' ? call(request, { signal }) : call(request, jsonLines(io.stdin, method.up), { signal })
  for await (const item of items as AsyncIterable<unknown>) write(item)
}

async function* jsonLines(source: Context['io']['stdin'], schema: Schema): AsyncIterable<unknown> {
  let number = 0
  for await (const line of readLines(source)) {
    number++
    if (line.trim() !== '') yield fromJsonForm(schema, parseJson(line, `Line ${number}`))
  }
}

interface RequestSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}

/** The JSON form of what a word stands for. */
function toValue(word: string, schema: JsonSchema, field: string): unknown {
  if (schema['x-twin'] === 'bytes') return { $bytes: word }
  if (schema.type === 'string' || (Array.isArray(schema.enum) && typeof schema.enum[0] === 'string')) return word
  if (schema.type === 'boolean') return word !== 'false'
  if (schema.type === 'integer' || schema.type === 'number') {
    const value = Number(word)
    if (word.trim() === '' || Number.isNaN(value)) throw new UsageError(`${field} is a number`)
    return value
  }
  return parseJson(word, field)
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${place} is not JSON`)
  }
}

function describe(schema: JsonSchema): string {
  if (typeof schema.description === 'string') return schema.description
  if (Array.isArray(schema.enum)) return `One of ${schema.enum.join(', ')}`
  if (schema['x-twin'] === 'twinId') return 'Twin id'
  if (schema['x-twin'] === 'timeMs') return 'Milliseconds since 1970'
  if (schema['x-twin'] === 'bytes') return 'Bytes, as base64url'
  if (schema.type === 'string') return `Text of at most ${schema.maxLength} characters`
  if (schema.type === 'integer' || schema.type === 'number') return 'Number'
  if (schema.type === 'array') return `List of at most ${schema.maxItems}, as JSON: ${sketch(schema)}`
  if (schema.type === 'object' && schema.properties !== undefined) return `JSON: ${sketch(schema)}`
  return schema.type === 'boolean' ? 'Switch' : 'JSON'
}

/** The shape of a message in few words: `[{type, key}]`; a `?` follows what may be left out. */
function sketch(schema: JsonSchema): string {
  const options = (schema.oneOf ?? schema.anyOf) as readonly JsonSchema[] | undefined
  if (options !== undefined) return options.map(sketch).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema['x-twin'] === 'bytes') return 'bytes'
  if (schema.type === 'array') return `[${sketch(schema.items as JsonSchema)}]`
  const { properties, required = [] } = schema as RequestSchema
  if (properties === undefined)
    return schema['x-twin'] === 'twinId' ? 'twin id' : schema.type === 'string' ? 'text' : String(schema.type ?? 'any')
  const fields = Object.entries(properties).map(([name, field]) => {
    const value = field.const === undefined ? '' : `: ${JSON.stringify(field.const)}`
    return `${name}${required.includes(name) ? '' : '?'}${value}`
  })
  return `{${fields.join(', ')}}`
}

const toUpper = (name: string) => toKebab(name).replace(/-/g, '_').toUpperCase()
