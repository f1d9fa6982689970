/**
 * The constructs a contract may use: a listed part of valibot, chosen because each maps to JSON Schema and back, and a few
 * types of our own. Import it as `import { schema as v } from 'twinmesh'`, or take the same functions from valibot.
 */
import * as v from 'valibot'

export {
  array,
  boolean,
  integer,
  literal,
  maxEntries,
  maxLength,
  maxValue,
  minLength,
  minValue,
  nullable,
  number,
  object,
  optional,
  picklist,
  pipe,
  record,
  regex,
  string,
  union,
  variant
} from 'valibot'

/** Any schema; the type of its values is read off with `InferInput` and `InferOutput`. */
export type Schema = v.GenericSchema<unknown, unknown>
export type Input<S extends Schema> = v.InferInput<S>
export type Output<S extends Schema> = v.InferOutput<S>

/** Pipe metadata that marks one of our own types for the walkers. */
export interface TwinType {
  readonly twin: 'bigint' | 'json' | 'twinId' | 'timeMs'
  readonly [bound: string]: unknown
}

/** Text of at most `max` UTF-16 units. */
export const text = (bounds: { max: number; min?: number }) =>
  v.pipe(v.string(), v.minLength(bounds.min ?? 0), v.maxLength(bounds.max))

/** Whole number in a closed range, by default what JavaScript counts exactly from zero. */
export const int = (bounds: { min?: number; max?: number } = {}) =>
  v.pipe(v.number(), v.integer(), v.minValue(bounds.min ?? 0), v.maxValue(bounds.max ?? Number.MAX_SAFE_INTEGER))

/** Array of at most `max` items. */
export const list = <const S extends v.GenericSchema>(item: S, bounds: { max: number; min?: number }) =>
  v.pipe(v.array(item), v.minLength(bounds.min ?? 0), v.maxLength(bounds.max))

/** The compiler would otherwise take `Uint8Array` for one over an `ArrayBuffer` only. */
const AnyUint8Array: new (...args: never[]) => Uint8Array = Uint8Array

/** Opaque bytes, at most `max` of them. JSON form: `{"$bytes": "<base64url>"}`. */
export const bytes = (bounds: { max: number; min?: number }) =>
  v.pipe(v.instance(AnyUint8Array), v.minLength(bounds.min ?? 0), v.maxLength(bounds.max))

const minInt64 = -(2n ** 63n)
const maxUint64 = 2n ** 64n - 1n

/** Whole number that may pass 2^53. JSON form: a decimal string. Small values travel as plain CBOR integers. */
export const bigint = (bounds: { min?: bigint; max?: bigint } = {}) => {
  const min = bounds.min ?? minInt64
  const max = bounds.max ?? maxUint64
  if (min < minInt64 || max > maxUint64) throw new RangeError('A bigint has to fit 64 bits')
  return v.pipe(
    v.union([v.bigint(), v.pipe(v.number(), v.safeInteger())]),
    v.transform((value: bigint | number) => BigInt(value)),
    v.minValue(min),
    v.maxValue(max),
    v.metadata({ twin: 'bigint', min: String(min), max: String(max) })
  )
}

/** Any JSON value, for data whose shape an experience decides. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/** Any JSON value of at most `maxDepth` levels and `maxBytes` bytes when written out. */
export const json = (bounds: { maxDepth?: number; maxBytes: number }) => {
  const maxDepth = bounds.maxDepth ?? 8
  return v.pipe(
    v.custom<JsonValue>(value => {
      const size = jsonSize(value, maxDepth)
      return size !== undefined && size <= bounds.maxBytes
    }, 'Expected a JSON value within its bounds'),
    v.metadata({ twin: 'json', maxDepth, maxBytes: bounds.maxBytes })
  )
}

/** Peer id of an owner key: base58btc of an Ed25519 identity multihash, always `12D3KooW` and 44 more characters. */
export const twinId = () =>
  v.pipe(
    v.string(),
    v.maxLength(52),
    v.regex(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/, 'Expected a twin id'),
    v.metadata({ twin: 'twinId' })
  )

/** Milliseconds since 1970; the bound is the last instant that `Date` can hold. */
export const timeMs = () =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15), v.metadata({ twin: 'timeMs' }))

/** What names a blob and opens it (crdt/FORMATS.md §18): whoever has it may read the blob. */
export const blobReference = () =>
  v.object({
    /** Hash of the manifest of the sealed chunks */
    address: v.pipe(v.string(), v.maxLength(64), v.regex(/^[0-9a-f]{64}$/, 'Expected the address of a blob')),
    size: int({ max: 2 ** 32 }),
    key: bytes({ min: 32, max: 32 }),
    /** Media type, or empty */
    type: text({ max: 128 }),
    /** Name of the file, or empty */
    name: text({ max: 255 })
  })

/** Bytes of a JSON text counted from above (escapes as six bytes, other units as at most three); undefined if not JSON. */
function jsonSize(value: unknown, depth: number): number | undefined {
  if (value === null || typeof value === 'boolean') return 5
  if (typeof value === 'number') return Number.isFinite(value) ? 24 : undefined
  if (typeof value === 'string') return utf8Size(value) + 2
  if (typeof value !== 'object' || depth === 0) return undefined
  const isArray = Array.isArray(value)
  if (!isArray && Object.getPrototypeOf(value) !== Object.prototype) return undefined
  let total = 2
  for (const [key, member] of Object.entries(value)) {
    const size = jsonSize(member, depth - 1)
    if (size === undefined) return undefined
    total += size + 1 + (isArray ? 0 : utf8Size(key) + 3)
  }
  return total
}

function utf8Size(text: string): number {
  let size = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c) size += 5
    else if (unit > 0x7f) size += unit > 0x7ff ? 2 : 1
  }
  return size
}
