/** JSON Schema (2020-12) of contract messages, both ways. Our own types carry `x-twin` beside what a stock validator checks. */
import * as v from 'valibot'
import type { Schema } from './schema.ts'
import * as own from './schema.ts'

export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** Refuses, with a `TypeError` that names the place, every construct that is not listed and every length without a bound. */
export function toJsonSchema(schema: Schema, place = 'schema'): JsonSchema {
  const { base, actions } = unpipe(schema as AnySchema)
  const mark = actions.find(action => action.type === 'metadata')?.metadata as own.TwinType | undefined
  if (mark?.twin !== undefined) return twinTypeToJson(mark)
  const write = writers[base.type]
  if (write === undefined) throw new TypeError(`${place}: ${base.type} is not among the constructs of a contract`)
  return write(base, new Actions(actions, place), place)
}

export function fromJsonSchema(json: JsonSchema): Schema {
  return read(json) as Schema
}

// valibot and JSON Schema type each construct by itself; here they are walked as data, checked by `type`
// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any
type AnySchema = { type: string; [field: string]: Any }

function unpipe(schema: AnySchema): { base: AnySchema; actions: AnySchema[] } {
  if (schema.pipe === undefined) return { base: schema, actions: [] }
  const [first, ...actions] = schema.pipe as AnySchema[]
  const inner = unpipe(first!)
  return { base: inner.base, actions: [...inner.actions, ...actions] }
}

function twinTypeToJson({ twin, ...bounds }: own.TwinType): JsonSchema {
  const mark = { 'x-twin': twin }
  if (twin === 'bigint')
    return { type: 'string', pattern: '^-?[0-9]{1,20}$', ...mark, 'x-min': bounds.min, 'x-max': bounds.max }
  if (twin === 'json') return { ...mark, 'x-maxDepth': bounds.maxDepth, 'x-maxBytes': bounds.maxBytes }
  if (twin === 'timeMs') return { type: 'integer', minimum: 0, maximum: 8.64e15, ...mark }
  return { type: 'string', pattern: '^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$', maxLength: 52, ...mark }
}

/** The actions of a pipe; whatever was not taken by name when `done` is called is not listed. */
class Actions {
  readonly #left: Map<string, AnySchema>
  readonly #place: string

  constructor(actions: readonly AnySchema[], place: string) {
    this.#left = new Map(actions.map(action => [action.type, action]))
    this.#place = place
    if (this.#left.size !== actions.length) throw new TypeError(`${place}: an action appears twice in a pipe`)
  }

  take(type: string): Any {
    const action = this.#left.get(type)
    this.#left.delete(type)
    return action?.requirement
  }

  has(type: string): boolean {
    return this.#left.delete(type)
  }

  bound(type: string, of: string): number {
    const bound: unknown = this.take(type)
    if (typeof bound !== 'number' || !Number.isSafeInteger(bound)) {
      throw new TypeError(`${this.#place}: ${of} needs ${type}, nothing without a bound comes from a peer`)
    }
    return bound
  }

  done(keywords: Record<string, unknown>): JsonSchema {
    for (const type of this.#left.keys()) {
      throw new TypeError(`${this.#place}: ${type} is not among the constructs of a contract`)
    }
    return Object.fromEntries(Object.entries(keywords).filter(([, value]) => value !== undefined))
  }
}

const writers: Record<string, (schema: AnySchema, actions: Actions, place: string) => JsonSchema> = {
  string: (_, actions) =>
    actions.done({
      type: 'string',
      minLength: actions.take('min_length') || undefined,
      maxLength: actions.bound('max_length', 'a string'),
      pattern: patternOf(actions.take('regex'))
    }),
  number: (_, actions) =>
    actions.done({
      type: actions.has('integer') ? 'integer' : 'number',
      minimum: actions.take('min_value'),
      maximum: actions.take('max_value')
    }),
  boolean: (_, actions) => actions.done({ type: 'boolean' }),
  literal: ({ literal }, actions, place) => {
    if (!['string', 'number', 'boolean'].includes(typeof literal)) throw new TypeError(`${place}: literal of this type`)
    return actions.done({ const: literal })
  },
  picklist: ({ options }, actions) => actions.done({ enum: [...options] }),
  instance: (schema, actions, place) => {
    if (schema.class !== Uint8Array) throw new TypeError(`${place}: instance is only for Uint8Array, see bytes()`)
    const minBytes = actions.take('min_length') || undefined
    const maxBytes = actions.bound('max_length', 'bytes')
    const $bytes = { type: 'string', contentEncoding: 'base64url', maxLength: Math.ceil((maxBytes * 4) / 3) }
    const shape = { type: 'object', properties: { $bytes }, required: ['$bytes'], additionalProperties: false }
    return actions.done({ ...shape, 'x-twin': 'bytes', 'x-minBytes': minBytes, 'x-maxBytes': maxBytes })
  },
  array: ({ item }, actions, place) =>
    actions.done({
      type: 'array',
      items: toJsonSchema(item, `${place}[]`),
      minItems: actions.take('min_length') || undefined,
      maxItems: actions.bound('max_length', 'an array')
    }),
  record: ({ key, value }, actions, place) =>
    actions.done({
      type: 'object',
      propertyNames: toJsonSchema(key, `${place} key`),
      additionalProperties: toJsonSchema(value, `${place}{}`),
      maxProperties: actions.bound('max_entries', 'a record')
    }),
  object: ({ entries }, actions, place) => {
    const properties: Record<string, JsonSchema> = {}
    const required: string[] = []
    for (const [name, entry] of Object.entries<AnySchema>(entries)) {
      const isOptional = entry.type === 'optional'
      const json = toJsonSchema((isOptional ? entry.wrapped : entry) as Schema, `${place}.${name}`)
      properties[name] = isOptional && entry.default !== undefined ? { ...json, default: entry.default } : json
      if (!isOptional) required.push(name)
    }
    return actions.done({ type: 'object', properties, required })
  },
  nullable: ({ wrapped }, actions, place) => actions.done({ anyOf: [toJsonSchema(wrapped, place), { type: 'null' }] }),
  union: ({ options }, actions, place) =>
    actions.done({ anyOf: options.map((option: Schema) => toJsonSchema(option, place)) }),
  variant: ({ key, options }, actions, place) =>
    actions.done({
      oneOf: options.map((option: Schema) => toJsonSchema(option, place)),
      discriminator: { propertyName: key }
    })
}

function patternOf(regex: RegExp | undefined): string | undefined {
  if (regex !== undefined && regex.flags !== '') throw new TypeError(`Pattern ${regex} has flags, JSON Schema has none`)
  return regex?.source
}

function read(json: Any): Any {
  switch (json['x-twin']) {
    case 'bytes':
      return own.bytes({ min: json['x-minBytes'], max: json['x-maxBytes'] })
    case 'bigint':
      return own.bigint({ min: BigInt(json['x-min']), max: BigInt(json['x-max']) })
    case 'json':
      return own.json({ maxDepth: json['x-maxDepth'], maxBytes: json['x-maxBytes'] })
    case 'twinId':
      return own.twinId()
    case 'timeMs':
      return own.timeMs()
  }
  if ('const' in json) return v.literal(json.const)
  if (json.enum !== undefined) return v.picklist(json.enum)
  if (json.oneOf !== undefined) return v.variant(json.discriminator.propertyName, json.oneOf.map(read))
  if (json.anyOf !== undefined) {
    const options = json.anyOf.filter((option: Any) => option.type !== 'null')
    const schema = options.length === 1 ? read(options[0]) : v.union(options.map(read))
    return options.length === json.anyOf.length ? schema : v.nullable(schema)
  }
  const read_ = readers[json.type]
  if (read_ === undefined) throw new TypeError(`JSON Schema type ${String(json.type)} is not used by contracts`)
  return read_(json)
}

const readers: Record<string, (json: Any) => Any> = {
  string: json => pipe(v.string(), json, { minLength: v.minLength, maxLength: v.maxLength, pattern: toRegex }),
  number: json => pipe(v.number(), json, { minimum: v.minValue, maximum: v.maxValue }),
  integer: json => pipe(v.pipe(v.number(), v.integer()), json, { minimum: v.minValue, maximum: v.maxValue }),
  boolean: () => v.boolean(),
  array: json => pipe(v.array(read(json.items)), json, { minItems: v.minLength, maxItems: v.maxLength }),
  object: json => {
    if (json.propertyNames !== undefined) {
      return pipe(v.record(read(json.propertyNames), read(json.additionalProperties)), json, {
        maxProperties: v.maxEntries
      })
    }
    const required = new Set(json.required)
    const entries = Object.entries<Any>(json.properties).map(([name, property]) => {
      const schema = read(property)
      return [name, required.has(name) ? schema : v.optional(schema, property.default)]
    })
    return v.object(Object.fromEntries(entries))
  }
}

const toRegex = (source: string) => v.regex(new RegExp(source))

function pipe(schema: Any, json: Any, keywords: Record<string, (requirement: Any) => Any>): Any {
  const actions = Object.entries(keywords).flatMap(([name, action]) =>
    json[name] === undefined ? [] : [action(json[name])]
  )
  return actions.length === 0 ? schema : v.pipe(schema, ...(actions as [Any]))
}
