import { compareKeys } from './compare-keys.ts'

const defaultMaxDepth = 16
const defaultMaxItems = 65_536
/** Bytes */
const shortText = 24
// ignoreBOM: else a leading byte order mark is swallowed and two encodings decode to one text
const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface DecodeLimits {
  /** Nesting of arrays and maps, 16 by default. */
  readonly maxDepth?: number
  /** Values in all, keys of maps counted too, 65,536 by default. */
  readonly maxItems?: number
}

/** The bytes are not the one deterministic encoding of a value within the limits. */
export class CodecError extends Error {
  override readonly name = 'CodecError'
}

/**
 * The value of `bytes`, which must be one whole deterministic encoding. Byte strings are views of `bytes`, so it must not
 * be changed afterwards; maps have no prototype.
 *
 * @throws {CodecError}
 */
export function decode(bytes: Uint8Array, limits: DecodeLimits = {}): unknown {
  const reader = new Reader(bytes, limits.maxDepth ?? defaultMaxDepth, limits.maxItems ?? defaultMaxItems)
  const value = reader.value(0)
  if (!reader.isAtEnd) throw new CodecError('Bytes are left after the value')
  return value
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #maxDepth: number
  #itemsLeft: number
  #at = 0

  constructor(bytes: Uint8Array, maxDepth: number, maxItems: number) {
    this.#bytes = bytes
    this.#maxDepth = maxDepth
    this.#itemsLeft = maxItems
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): unknown {
    if (--this.#itemsLeft < 0) throw new CodecError('There are too many values')
    const first = this.#bytes[this.#at++]
    if (first === undefined) throw new CodecError('The value ends too early')
    const major = first >>> 5
    if (major === 7) return simple(first)
    const count = this.#count(first & 31)
    if (major === 0) return count
    if (major === 1) {
      if (count === Number.MAX_SAFE_INTEGER) throw new CodecError('An integer is too large')
      return -1 - count
    }
    if (major === 2) return this.#take(count)
    if (major === 3) return this.#text(count)
    if (major === 6) throw new CodecError('Tags are not allowed')
    if (depth >= this.#maxDepth) throw new CodecError('The value is nested too deeply')
    return major === 4 ? this.#array(count, depth) : this.#map(count, depth)
  }

  #count(minor: number): number {
    if (minor < 24) return minor
    const size = 1 << (minor - 24)
    if (minor > 27) throw new CodecError('Indefinite lengths are not allowed')
    if (this.#at + size > this.#bytes.length) throw new CodecError('The value ends too early')
    let count = 0
    for (let index = 0; index < size; index++) count = count * 256 + this.#bytes[this.#at++]!
    if (count > Number.MAX_SAFE_INTEGER) throw new CodecError('An integer is too large')
    const least = size === 1 ? 24 : 2 ** (size * 4)
    if (count < least) throw new CodecError('An integer is not in its shortest form')
    return count
  }

  #take(length: number): Uint8Array {
    const bytes = this.#bytes
    if (length > bytes.length - this.#at) throw new CodecError('The value ends too early')
    // Not subarray(): of a Buffer it makes a Buffer
    const taken = new Uint8Array(bytes.buffer, bytes.byteOffset + this.#at, length)
    this.#at += length
    return taken
  }

  #text(length: number): string {
    const short = length <= shortText ? this.#ascii(length) : undefined
    if (short !== undefined) return short
    const taken = this.#take(length)
    try {
      return textDecoder.decode(taken)
    } catch (cause) {
      throw new CodecError('A text is not UTF-8', { cause })
    }
  }

  /** For short texts, such as the names of fields, the decoder of the platform costs many times what it does. */
  #ascii(length: number): string | undefined {
    const end = this.#at + length
    if (end > this.#bytes.length) return undefined
    let text = ''
    for (let at = this.#at; at < end; at++) {
      const code = this.#bytes[at]!
      if (code > 0x7f) return undefined
      text += String.fromCharCode(code)
    }
    this.#at = end
    return text
  }

  #array(length: number, depth: number): unknown[] {
    if (length > this.#itemsLeft || length > this.#bytes.length - this.#at) throw new CodecError('An array is too long')
    const items: unknown[] = []
    for (let index = 0; index < length; index++) items.push(this.value(depth + 1))
    return items
  }

  #map(size: number, depth: number): Record<string, unknown> {
    if (size * 2 > Math.min(this.#itemsLeft, this.#bytes.length - this.#at)) throw new CodecError('A map is too long')
    const map: Record<string, unknown> = Object.create(null)
    let previous: Uint8Array | undefined
    for (let index = 0; index < size; index++) {
      const first = this.#bytes[this.#at]
      if (first === undefined || first >>> 5 !== 3) throw new CodecError('A key of a map is not text')
      const start = this.#at
      const key = this.value(depth + 1) as string // its head says text
      const raw = this.#bytes.subarray(start, this.#at)
      if (previous !== undefined && compareKeys(previous, raw) >= 0) {
        throw new CodecError('The keys of a map are not sorted or not unique')
      }
      previous = raw
      map[key] = this.value(depth + 1)
    }
    return map
  }
}

function simple(first: number): boolean | null {
  if (first === 0xf4) return false
  if (first === 0xf5) return true
  if (first === 0xf6) return null
  throw new CodecError('Floats, undefined and other simple values are not allowed')
}
