/** What a new contract may not do to those who speak the old one; within a major there is only adding, and only optional. */
import type { ContractJson, MethodJson } from './contract-json.ts'
import type { JsonSchema } from './json-schema.ts'
import { describeMisfit } from './schema-subset.ts'

export const breachRules = {
  'name-changed': 'Another name is another contract',
  'version-not-bumped': 'Every change has a higher version',
  'method-removed': 'Old callers still call it',
  'method-kind-changed': 'The kind of a method is how it is called',
  'method-without-since': 'A new method says since which minor, so that an old server is not asked for it',
  'method-scope-changed': 'Grants were given for the old scope',
  'scope-removed': 'Grants name it',
  'scope-widened': 'Those who were let in before had no say in it',
  'scope-narrowed': 'Callers of a class that could use it are locked out',
  'consent-changed': 'Consent was given to the old sentence',
  'field-removed': 'The other side still sends or expects it',
  'required-field-added': 'The other side does not send it yet',
  'field-made-required': 'The other side may leave it out',
  'field-made-optional': 'Old callers rely on it in every answer',
  'type-narrowed': 'Old callers send what would now be refused',
  'type-widened': 'Old callers would refuse what is now answered',
  'error-added': 'Old callers do not know what to do about it',
  'limit-lowered': 'Old callers were promised more'
} as const

export type BreachRule = keyof typeof breachRules

export interface Breach {
  readonly rule: BreachRule
  /** Where, such as `get.request.key` */
  readonly place: string
  readonly message: string
}

type Report = (rule: BreachRule, place: string, message: string) => void

/** Every reason why `newer` must not replace `older`; none across majors, except a version that went down. */
export function checkCompatible(older: ContractJson, newer: ContractJson): Breach[] {
  const breaches: Breach[] = []
  const report: Report = (rule, place, message) => breaches.push({ rule, place, message })
  if (older.name !== newer.name) report('name-changed', 'name', `${older.name} became ${newer.name}`)
  const [oldMajor, oldMinor] = older.version.split('.').map(Number) as [number, number]
  const [newMajor, newMinor] = newer.version.split('.').map(Number) as [number, number]
  if (newMajor > oldMajor) return breaches
  const isHigher = newMajor === oldMajor && newMinor > oldMinor
  if (!isHigher && essence(older) !== essence(newer)) {
    report('version-not-bumped', 'version', `${older.version} became ${newer.version} though the contract changed`)
  }
  checkScopes(older, newer, report)
  checkLimits(older, newer, report)
  for (const [name, method] of Object.entries(older.methods)) {
    const successor = newer.methods[name]
    if (successor === undefined) report('method-removed', name, 'The method is gone')
    else checkMethod(name, method, successor, report)
  }
  for (const [name, method] of Object.entries(newer.methods)) {
    if (older.methods[name] !== undefined || Number(method.since.split('.')[1]) > oldMinor) continue
    report('method-without-since', name, `The method is new in ${newer.version} and says since ${method.since}`)
  }
  return breaches
}

/** The part whose change needs a version: words and examples may be improved at any time. */
function essence({ scopes, limits, methods }: ContractJson): string {
  const wire = Object.entries(methods).map(([name, { doc: _, examples: __, ...rest }]) => [name, rest])
  const rights = Object.entries(scopes).map(([name, { doc: _, ...rest }]) => [name, rest])
  return JSON.stringify([rights, limits, wire])
}

function checkScopes(older: ContractJson, newer: ContractJson, report: Report): void {
  for (const [name, scope] of Object.entries(older.scopes)) {
    const successor = newer.scopes[name]
    if (successor === undefined) {
      report('scope-removed', name, 'The scope is gone')
      continue
    }
    const added = successor.callers.filter(caller => !scope.callers.includes(caller))
    const removed = scope.callers.filter(caller => !successor.callers.includes(caller))
    if (added.length > 0) report('scope-widened', name, `Opened to ${added.join(', ')}`)
    if (removed.length > 0) report('scope-narrowed', name, `Closed to ${removed.join(', ')}`)
    if (scope.consent !== successor.consent) report('consent-changed', name, 'The consent sentence is another')
  }
}

function checkLimits(older: ContractJson, newer: ContractJson, report: Report): void {
  const { rate: oldRate, ...oldLimits } = older.limits
  const { rate: newRate, ...newLimits } = newer.limits
  for (const [name, limit] of Object.entries(oldLimits)) {
    const successor = (newLimits as Record<string, number | boolean>)[name] ?? 0
    if (Number(successor) < Number(limit)) report('limit-lowered', name, `${limit} became ${successor}`)
  }
  const isSlower = newRate.points / newRate.durationMs < oldRate.points / oldRate.durationMs
  if (newRate.points < oldRate.points || isSlower) report('limit-lowered', 'rate', 'Fewer calls are allowed')
}

function checkMethod(name: string, older: MethodJson, newer: MethodJson, report: Report): void {
  if (older.kind !== newer.kind) {
    report('method-kind-changed', name, `${older.kind} became ${newer.kind}`)
    return
  }
  if (older.scope !== newer.scope) report('method-scope-changed', name, `${older.scope} became ${newer.scope}`)
  for (const code of newer.errors) {
    if (!older.errors.includes(code)) report('error-added', name, `${code} is new`)
  }
  for (const [field, schema] of Object.entries(older.messages)) {
    const isAnswer = field === 'response' || field === 'item' || field === 'down'
    checkMessage(`${name}.${field}`, schema, newer.messages[field]!, isAnswer, report)
  }
}

function checkMessage(place: string, older: JsonSchema, newer: JsonSchema, isAnswer: boolean, report: Report): void {
  if (isFields(older) && isFields(newer)) {
    checkFields(place, older, newer, isAnswer, report)
    return
  }
  if (older.type === 'array' && newer.type === 'array') {
    checkMessage(`${place}[]`, older.items as JsonSchema, newer.items as JsonSchema, isAnswer, report)
  }
  const misfit = isAnswer ? describeMisfit(newer, older) : describeMisfit(older, newer)
  if (misfit !== undefined) report(isAnswer ? 'type-widened' : 'type-narrowed', place, misfit)
}

/** Bytes are an object in JSON too, of our own making. */
function isFields(schema: JsonSchema): boolean {
  return schema.properties !== undefined && schema['x-twin'] === undefined
}

function checkFields(place: string, older: JsonSchema, newer: JsonSchema, isAnswer: boolean, report: Report): void {
  const oldFields = older.properties as Record<string, JsonSchema>
  const newFields = newer.properties as Record<string, JsonSchema>
  const wasRequired = (name: string) => (older.required as string[]).includes(name)
  const isRequired = (name: string) => (newer.required as string[]).includes(name)
  for (const [name, schema] of Object.entries(oldFields)) {
    const at = `${place}.${name}`
    if (newFields[name] === undefined) {
      report('field-removed', at, 'The field is gone')
      continue
    }
    if (!wasRequired(name) && isRequired(name)) report('field-made-required', at, 'The field was optional')
    if (isAnswer && wasRequired(name) && !isRequired(name))
      report('field-made-optional', at, 'The field was always there')
    checkMessage(at, schema, newFields[name], isAnswer, report)
  }
  for (const name of Object.keys(newFields)) {
    if (oldFields[name] === undefined && isRequired(name))
      report('required-field-added', `${place}.${name}`, 'The field is new')
  }
}
