import { type ContractJson, contractToJson, type MethodJson } from './contract-json.ts'
import type { AnyProtocol } from './define-service.ts'
import { type ErrorCode, errorCodes } from './errors.ts'
import type { JsonSchema } from './json-schema.ts'

/** The reference page of a capability, generated so that it cannot be wrong. */
export function contractToMarkdown(protocol: AnyProtocol): string {
  const contract = contractToJson(protocol)
  const lines = [
    `# ${contract.name}`,
    '',
    contract.doc,
    '',
    `Protocol \`${contract.id}\`. This page is generated from the contract.`,
    '',
    '## Scopes',
    '',
    '| scope | allows | asked as | open to |',
    '|---|---|---|---|',
    ...Object.entries(contract.scopes).map(([name, { doc, consent, callers }]) =>
      row(`\`${contract.name}.${name}\``, doc, consent, callers.join(', ') || 'nobody')
    ),
    '',
    '## Methods',
    '',
    // Methods stand in the order in which the contract lists them, which is the one to read them in
    ...Object.keys(protocol.methods).flatMap(name => methodToLines(name, contract.methods[name]!)),
    '## Limits',
    '',
    '| limit | value |',
    '|---|---:|',
    ...limitsToRows(contract),
    ''
  ]
  return lines.join('\n')
}

function methodToLines(name: string, method: MethodJson): string[] {
  const errors = method.errors.map(code => `- \`${code}\`: ${errorCodes[code as ErrorCode].doc}`)
  return [
    `### ${name}`,
    '',
    method.doc,
    '',
    `Kind \`${method.kind}\`, scope \`${method.scope}\`, since ${method.since}.`,
    '',
    '| message | field | type | |',
    '|---|---|---|---|',
    ...Object.entries(method.messages).flatMap(([message, schema]) => fieldsToRows(message, schema)),
    '',
    ...(errors.length > 0 ? [...errors, ''] : []),
    '```json',
    JSON.stringify(method.examples[0], null, 2),
    '```',
    ''
  ]
}

function fieldsToRows(message: string, schema: JsonSchema): string[] {
  if (schema['x-twin'] !== undefined || schema.properties === undefined) return [row(message, '', typeOf(schema), '')]
  const fields = Object.entries(schema.properties as Record<string, JsonSchema>)
  if (fields.length === 0) return [row(message, '', 'empty object', '')]
  const required = schema.required as string[]
  return fields.map(([name, field]) =>
    row(message, `\`${name}\``, typeOf(field), required.includes(name) ? '' : 'optional')
  )
}

function typeOf(schema: JsonSchema): string {
  const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
  if (options !== undefined) return options.map(typeOf).join(' or ')
  if ('const' in schema) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined)
    return (schema.enum as unknown[]).map(value => `\`${JSON.stringify(value)}\``).join(', ')
  switch (schema['x-twin']) {
    case 'bytes':
      return `bytes, at most ${schema['x-maxBytes']}`
    case 'bigint':
      return `bigint, ${schema['x-min']} to ${schema['x-max']}`
    case 'json':
      return `any JSON, at most ${schema['x-maxBytes']} bytes`
    case 'twinId':
      return 'twin id'
    case 'timeMs':
      return 'time, milliseconds since 1970'
  }
  if (schema.type === 'array') return `list of at most ${schema.maxItems}: ${typeOf(schema.items as JsonSchema)}`
  if (schema.type === 'string') return `text, at most ${schema.maxLength}`
  if (schema.propertyNames !== undefined) {
    return `record of at most ${schema.maxProperties}: ${typeOf(schema.additionalProperties as JsonSchema)}`
  }
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties as Record<string, JsonSchema>)
    return `{ ${fields.map(([name, field]) => `${name}: ${typeOf(field)}`).join(', ')} }`
  }
  return String(schema.type)
}

function limitsToRows({ limits }: ContractJson): string[] {
  const { rate, ...rest } = limits
  return [
    ...Object.entries(rest).map(([name, value]) => row(name, String(value))),
    row('rate', `${rate.points} calls per ${rate.durationMs} ms`)
  ]
}

function row(...cells: string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}
