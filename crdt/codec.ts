/**
 * Deterministic CBOR (the DAG-CBOR subset of RFC 8949 that FORMATS.md uses): integers up to 2^53 − 1 in their shortest form,
 * byte strings, text, arrays, maps with text keys sorted length first, booleans and null. No floats, tags, undefined or
 * indefinite lengths. One value has exactly one encoding and `decode` takes no other, so hashes and signatures of
 * decoded values mean what they seem to.
 */

import { compareKeys } from './compare-keys.ts'

export { CodecError, type DecodeLimits, decode } from './decode.ts'

const keptScratch = 64 * 1024
/** Characters */
const shortText = 48
const textEncoder = new TextEncoder()

/** What `encode` takes. Fields of a map that are `undefined` are left out. */
export type Encodable =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly Encodable[]
  | { readonly [key: string]: Encodable | undefined }

/**
 * The one encoding of `value`.
 *
 * @param place for its bytes, of the length that is asked for; default memory of its own
 * @throws {TypeError} when a value has none: a float, a `bigint`, `undefined` in an array, a cycle
 */
export function encode(value: Encodable, place?: (length: number) => Uint8Array): Uint8Array {
  position = 0
  try {
    writeValue(value, 0)
    if (place === undefined) return scratch.slice(0, position)
    const bytes = place(position)
    bytes.set(scratch.subarray(0, position))
    return bytes
  } finally {
    if (scratch.length > keptScratch) scratch = new Uint8Array(keptScratch)
  }
}

let scratch = new Uint8Array(keptScratch)
let position = 0

function reserve(count: number): void {
  if (position + count <= scratch.length) return
  const grown = new Uint8Array(Math.max(scratch.length * 2, position + count))
  grown.set(scratch.subarray(0, position))
  scratch = grown
}

function writeHead(major: number, count: number): void {
  reserve(9)
  const top = major << 5
  if (count < 24) {
    scratch[position++] = top | count
  } else if (count < 0x100) {
    scratch[position++] = top | 24
    scratch[position++] = count
  } else if (count < 0x10000) {
    scratch[position++] = top | 25
    scratch[position++] = count >>> 8
    scratch[position++] = count
  } else if (count < 0x100000000) {
    scratch[position++] = top | 26
    writeUint32(count)
  } else {
    scratch[position++] = top | 27
    writeUint32(Math.floor(count / 0x100000000))
    writeUint32(count % 0x100000000)
  }
}

function writeUint32(count: number): void {
  scratch[position++] = count >>> 24
  scratch[position++] = count >>> 16
  scratch[position++] = count >>> 8
  scratch[position++] = count
}

function writeValue(value: Encodable | undefined, depth: number): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('Only integers up to 2^53 − 1 have an encoding')
    if (value >= 0) writeHead(0, value)
    else writeHead(1, -1 - value)
  } else if (typeof value === 'string') {
    writeText(value)
  } else if (value instanceof Uint8Array) {
    writeBytes(2, value)
  } else if (value === null) {
    writeHead(7, 22)
  } else if (typeof value === 'boolean') {
    writeHead(7, value ? 21 : 20)
  } else if (typeof value !== 'object') {
    throw new TypeError(`A ${typeof value} has no encoding`)
  } else if (depth >= 64) {
    throw new TypeError('The value is nested too deeply')
  } else if (isList(value)) {
    writeHead(4, value.length)
    for (let index = 0; index < value.length; index++) writeValue(value[index], depth + 1)
  } else {
    writeMap(value, depth)
  }
}

// Array.isArray does not narrow readonly arrays
function isList(value: object): value is readonly Encodable[] {
  return Array.isArray(value)
}

function writeMap(map: { readonly [key: string]: Encodable | undefined }, depth: number): void {
  const prototype = Object.getPrototypeOf(map)
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('Only plain objects have an encoding')
  const keys = Object.keys(map)
    .filter(key => map[key] !== undefined)
    .map(key => ({ key, bytes: textToBytes(key) }))
    .sort((a, b) => compareKeys(a.bytes, b.bytes))
  writeHead(5, keys.length)
  for (const { key, bytes } of keys) {
    writeBytes(3, bytes)
    writeValue(map[key], depth + 1)
  }
}

function writeText(text: string): void {
  if (text.length > shortText || !writeAscii(text)) writeBytes(3, textToBytes(text))
}

/** For short texts, such as keys and the names of documents, bytes of their own cost many times what it does; `false` if it is none. */
function writeAscii(text: string): boolean {
  const begin = position
  writeHead(3, text.length)
  reserve(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) {
      position = begin
      return false
    }
    scratch[position++] = code
  }
  return true
}

function textToBytes(text: string): Uint8Array {
  const bytes = text.length <= shortText ? asciiToBytes(text) : undefined
  if (bytes !== undefined) return bytes
  if (!text.isWellFormed()) throw new TypeError('A text with a lone surrogate has no encoding')
  return textEncoder.encode(text)
}

/** For short texts, such as the names of fields, the encoder of the platform costs many times what it does. */
function asciiToBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return undefined
    bytes[index] = code
  }
  return bytes
}

function writeBytes(major: number, bytes: Uint8Array): void {
  writeHead(major, bytes.length)
  reserve(bytes.length)
  scratch.set(bytes, position)
  position += bytes.length
}
