import type { JsonSchema } from './json-schema.ts'

/** Lower bounds count downwards, upper ones upwards; a missing one is no bound. */
const lowerBounds = ['minLength', 'minimum', 'minItems', 'x-minBytes', 'x-min']
const upperBounds = ['maxLength', 'maximum', 'maxItems', 'maxProperties', 'x-maxBytes', 'x-max', 'x-maxDepth']

/** Why some value of `narrow` might not be one of `wide`; undefined if every value is. Errs on the side of a reason. */
export function describeMisfit(narrow: JsonSchema, wide: JsonSchema): string | undefined {
  const narrowOptions = optionsOf(narrow)
  const wideOptions = optionsOf(wide)
  for (const option of narrowOptions) {
    const misfits = wideOptions.map(candidate => describeSingle(option, candidate))
    if (!misfits.includes(undefined)) return misfits[0] ?? 'No value is allowed'
  }
  return undefined
}

function optionsOf(schema: JsonSchema): readonly JsonSchema[] {
  return ((schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined)?.flatMap(optionsOf) ?? [schema]
}

function describeSingle(narrow: JsonSchema, wide: JsonSchema): string | undefined {
  if (narrow['x-twin'] !== wide['x-twin']) return `${kindOf(narrow)} is not ${kindOf(wide)}`
  const values = valuesOf(narrow)
  if (values !== undefined) return describeValues(values, wide)
  if (valuesOf(wide) !== undefined) return 'Only listed values are allowed'
  const isInteger = narrow.type === 'integer' && wide.type === 'number'
  if (narrow.type !== wide.type && !isInteger) return `${kindOf(narrow)} is not ${kindOf(wide)}`
  if (wide.pattern !== undefined && wide.pattern !== narrow.pattern) return 'The pattern is another'
  return describeBounds(narrow, wide) ?? describeMembers(narrow, wide)
}

function describeValues(values: readonly unknown[], wide: JsonSchema): string | undefined {
  const allowed = valuesOf(wide)
  const missing = allowed === undefined ? values : values.filter(value => !allowed.includes(value))
  return missing.length === 0 ? undefined : `${missing.join(', ')} is not allowed`
}

function describeBounds(narrow: JsonSchema, wide: JsonSchema): string | undefined {
  for (const name of lowerBounds) {
    if (wide[name] === undefined) continue
    if (narrow[name] === undefined || isBelow(narrow[name], wide[name])) return `${name} is ${wide[name]}`
  }
  for (const name of upperBounds) {
    if (wide[name] === undefined) continue
    if (narrow[name] === undefined || isBelow(wide[name], narrow[name])) return `${name} is ${wide[name]}`
  }
  return undefined
}

function describeMembers(narrow: JsonSchema, wide: JsonSchema): string | undefined {
  if (narrow['x-twin'] !== undefined) return undefined
  if (narrow.type === 'array') return describeMisfit(narrow.items as JsonSchema, wide.items as JsonSchema)
  if (narrow.type !== 'object') return undefined
  if (narrow.propertyNames !== undefined && wide.propertyNames !== undefined) {
    const misfit = describeMisfit(narrow.propertyNames as JsonSchema, wide.propertyNames as JsonSchema)
    return misfit ?? describeMisfit(narrow.additionalProperties as JsonSchema, wide.additionalProperties as JsonSchema)
  }
  if (narrow.propertyNames !== undefined || wide.propertyNames !== undefined) return 'A record is not an object'
  const fields = narrow.properties as Record<string, JsonSchema>
  for (const name of wide.required as string[]) {
    if (!(narrow.required as string[]).includes(name)) return `${name} is required`
  }
  for (const [name, schema] of Object.entries(wide.properties as Record<string, JsonSchema>)) {
    const misfit = fields[name] === undefined ? undefined : describeMisfit(fields[name], schema)
    if (misfit !== undefined) return `${name}: ${misfit}`
  }
  return undefined
}

function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return 'const' in schema ? [schema.const] : (schema.enum as unknown[] | undefined)
}

/** Bounds of a bigint are decimal strings. */
function isBelow(a: unknown, b: unknown): boolean {
  return typeof a === 'string' ? BigInt(a) < BigInt(b as string) : (a as number) < (b as number)
}

function kindOf(schema: JsonSchema): string {
  return String(schema['x-twin'] ?? schema.type ?? 'a listed value')
}
