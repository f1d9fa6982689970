/**
 * Values of a contract as plain JSON, for `--json` on the command line, for contract files and for agent tools. Bytes are
 * `{"$bytes": "<base64url without padding>"}`, a bigint is a decimal string, all else is itself; the schema tells them from
 * strings and objects that merely look alike.
 */
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'
import * as v from 'valibot'
import { checkRequest } from './check.ts'
import { ProtocolError } from './errors.ts'
import { fromJsonSchema, type JsonSchema, toJsonSchema } from './json-schema.ts'
import type { Output, Schema } from './schema.ts'

/** Throws a `TypeError` if the value does not fit its schema. */
export function toJsonForm<S extends Schema>(schema: S, value: unknown): unknown {
  const result = v.safeParse(schema, value)
  if (!result.success) throw new TypeError(`Value does not fit its schema at ${v.getDotPath(result.issues[0])}`)
  return write(result.output)
}

/** Throws `InvalidArgument` for whatever is not the JSON form of a value that fits the schema. */
export function fromJsonForm<S extends Schema>(schema: S, json: unknown): Output<S> {
  return checkRequest(schema, read(toJsonSchema(schema), json)) as Output<S>
}

function write(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return { $bytes: bytesToString(value, 'base64url') }
  if (Array.isArray(value)) return value.map(write)
  if (typeof value !== 'object' || value === null) return value
  return mapValues(value, write)
}

/** Leaves alone what does not look as it should: the schema refuses it afterwards. */
function read(schema: JsonSchema, json: unknown): unknown {
  const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (options !== undefined) return readOption(options, json)
  switch (schema['x-twin'] ?? schema.type) {
    case 'bytes':
      return readBytes((json as { $bytes?: unknown } | null)?.$bytes)
    case 'bigint':
      return typeof json === 'string' && /^-?\d{1,20}$/.test(json) ? BigInt(json) : json
    case 'array':
      return Array.isArray(json) ? json.map(item => read(schema.items as JsonSchema, item)) : json
    case 'object':
      return isMap(json) ? mapValues(json, (value, name) => readMember(schema, name, value)) : json
    default:
      return json
  }
}

function readMember(schema: JsonSchema, name: string, value: unknown): unknown {
  const properties = schema.properties as Record<string, JsonSchema> | undefined
  if (properties !== undefined) return Object.hasOwn(properties, name) ? read(properties[name]!, value) : undefined
  return read(schema.additionalProperties as JsonSchema, value)
}

function readOption(options: readonly JsonSchema[], json: unknown): unknown {
  for (const option of options) {
    if (option.type === 'null') {
      if (json === null) return null
      continue
    }
    try {
      const value = read(option, json)
      if (v.is(fromJsonSchema(option), value)) return value
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }
  return json
}

function readBytes(text: unknown): Uint8Array {
  if (typeof text === 'string' && /^[A-Za-z0-9_-]*$/.test(text)) {
    try {
      return fromString(text, 'base64url')
    } catch {
      // Falls through: a last character that stands for no whole byte
    }
  }
  throw new ProtocolError('InvalidArgument', 'Bytes are written as {"$bytes": "<base64url>"}')
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapValues(map: object, convert: (value: unknown, name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, convert(value, name)]))
}
