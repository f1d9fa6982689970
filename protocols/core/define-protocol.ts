import * as v from 'valibot'
import { type CallerClass, callerClasses, type OwnerLevel } from './caller.ts'
import { isErrorCode } from './errors.ts'
import { toJsonSchema } from './json-schema.ts'
import { type ProtocolLimits, withLimits } from './limits.ts'
import { exampleValues, type Method, schemasOf } from './method.ts'

/** A right that can be granted: what it allows, how consent is asked for, and who has it unasked. */
export interface Scope {
  readonly doc: string
  /** Completes "Allow …?" on the owner's screen: `Read entries in your notebook` */
  readonly consent: string
  readonly callers: readonly CallerClass[]
  /** What an own device needs for it, default `normal`; `view` where nothing is changed. The twin's own affair: not in its JSON */
  readonly level?: OwnerLevel
}

export interface ProtocolInit {
  readonly name: string
  /** `<major>.<minor>`; within a major only optional things are added */
  readonly version: string
  readonly doc: string
  readonly scopes: Readonly<Record<string, Scope>>
  readonly limits?: Partial<ProtocolLimits>
  readonly methods: Readonly<Record<string, Method>>
}

export type Protocol<P extends ProtocolInit = ProtocolInit> = Omit<P, 'limits'> & {
  /** `/twin/<name>/<major>.<minor>` */
  readonly id: string
  /** `id` and the id of every lower minor, newest first */
  readonly ids: readonly string[]
  readonly major: number
  readonly minor: number
  readonly limits: ProtocolLimits
}

/** Set by the bundler, which checks every contract that it bundles: to check them again would be a fifth of what a start costs beyond libp2p. */
declare const CONTRACTS_ARE_CHECKED: boolean | undefined
const areChecked = typeof CONTRACTS_ARE_CHECKED !== 'undefined' && CONTRACTS_ARE_CHECKED

const namePattern = /^[a-z][a-z0-9-]{0,31}$/
const methodPattern = /^[a-z][a-zA-Z0-9]{0,31}$/
/** JavaScript looks these up on every object, and a client is an object of methods. */
const reservedMethods = new Set(['then', 'close', 'constructor', 'toString', 'valueOf'])

/**
 * Checks a contract once, at import, and freezes it. A contract that would let a peer send something unbounded, or whose
 * examples do not fit its schemas, is a `TypeError`.
 */
export function defineProtocol<const P extends ProtocolInit>(init: P): Protocol<P> {
  const [major, minor] = parseVersion(init.version, init.name)
  if (!areChecked) checkContract(init, [major, minor])
  const ids = Array.from({ length: minor + 1 }, (_, i) => protocolId(init.name, major, minor - i))
  return deepFreeze({ ...init, id: ids[0]!, ids, major, minor, limits: withLimits(init.limits) }) as Protocol<P>
}

export function protocolId(name: string, major: number, minor: number): string {
  return `/twin/${name}/${major}.${minor}`
}

export function parseProtocolId(id: string): { name: string; major: number; minor: number } | undefined {
  const match = /^\/twin\/([a-z][a-z0-9-]{0,31})\/(\d{1,3})\.(\d{1,3})$/.exec(id)
  return match === null ? undefined : { name: match[1]!, major: Number(match[2]), minor: Number(match[3]) }
}

/** Full name of a scope, as it stands in grants and certificates: `kv.read`. */
export function scopeId(protocol: Pick<Protocol, 'name'>, scope: string): string {
  return `${protocol.name}.${scope}`
}

/** Whether a method exists in a negotiated minor. */
export function isSince(method: Method, minor: number): boolean {
  return method.since === undefined || parseVersion(method.since, 'since')[1] <= minor
}

export function parseVersion(version: string, place: string): [number, number] {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(version)
  if (match === null) throw new TypeError(`${place}: version ${version} is not <major>.<minor>`)
  return [Number(match[1]), Number(match[2])]
}

function checkContract(init: ProtocolInit, version: [number, number]): void {
  if (!namePattern.test(init.name))
    throw new TypeError(`Protocol name ${init.name} is not lower-case words with hyphens`)
  needSentence(init.doc, init.name)
  for (const [name, scope] of Object.entries(init.scopes)) checkScope(`${init.name}.${name}`, name, scope)
  for (const [name, method] of Object.entries(init.methods)) {
    checkMethod(`${init.name}.${name}`, name, method, init, version)
  }
}

function checkScope(place: string, name: string, scope: Scope): void {
  if (!namePattern.test(name)) throw new TypeError(`${place}: a scope name is lower-case words with hyphens`)
  needSentence(scope.doc, place)
  needSentence(scope.consent, `${place} consent`)
  for (const caller of scope.callers) {
    if (!callerClasses.includes(caller)) throw new TypeError(`${place}: unknown caller class ${caller}`)
  }
}

function checkMethod(place: string, name: string, method: Method, init: ProtocolInit, version: [number, number]): void {
  if (!methodPattern.test(name) || reservedMethods.has(name)) throw new TypeError(`${place}: not a name for a method`)
  needSentence(method.doc, place)
  if (!Object.hasOwn(init.scopes, method.scope)) throw new TypeError(`${place}: scope ${method.scope} is not defined`)
  if (method.since !== undefined) {
    const [major, minor] = parseVersion(method.since, place)
    if (major !== version[0] || minor > version[1]) throw new TypeError(`${place}: since ${method.since} is not yet`)
  }
  for (const code of method.errors ?? []) {
    if (!isErrorCode(code)) throw new TypeError(`${place}: ${String(code)} is not an error code`)
  }
  for (const [field, schema] of Object.entries(schemasOf(method))) {
    const json = toJsonSchema(schema, `${place}.${field}`)
    if (field === 'request' && json.properties === undefined) throw new TypeError(`${place}: a request is an object`)
  }
  if (!(method.examples?.length > 0)) throw new TypeError(`${place}: a method has at least one example`)
  for (const { place: at, schema, value } of exampleValues(method)) {
    const result = v.safeParse(schema, value)
    if (!result.success) throw new TypeError(`${place} example ${at}: ${result.issues[0].message}`)
  }
}

function needSentence(text: string, place: string): void {
  if (typeof text !== 'string' || text.trim() === '' || text.length > 500)
    throw new TypeError(`${place}: needs a sentence`)
}

/** Plain objects and arrays only: valibot's schemas are shared between contracts and class instances are not ours. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || '~standard' in value) return value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
