/**
 * Strict decoder for what `cbor-encode.ts` writes, made for hostile input: nothing is allocated for a length that the input
 * does not hold, nesting is bounded, and tags, `undefined`, indefinite lengths, longer-than-needed heads, short floats,
 * non-finite numbers, repeated keys, `__proto__` and bytes after the value are refused. Order of keys is not checked.
 */

export class DecodeError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DecodeError'
  }
}

/** Byte strings below this are copied out, so that a small value does not keep a large chunk of the network alive. */
export const copyBelow = 4096

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

let bytes: Uint8Array = new Uint8Array()
let position = 0

export function decodeCbor(input: Uint8Array, options?: { maxDepth?: number }): unknown {
  // A subclass may have its own `slice`, and that of Node's Buffer shares memory
  bytes = input.constructor === Uint8Array ? input : new Uint8Array(input.buffer, input.byteOffset, input.length)
  position = 0
  try {
    const value = decodeValue(options?.maxDepth ?? 32)
    if (position !== input.length) throw new DecodeError('Bytes follow the value')
    return value
  } finally {
    bytes = new Uint8Array()
  }
}

function decodeValue(depth: number): unknown {
  if (position >= bytes.length) throw new DecodeError('Value is cut short')
  const initial = bytes[position++]!
  const minor = initial & 0x1f
  switch (initial >>> 5) {
    case 0:
      return decodeInteger(minor, false)
    case 1:
      return decodeInteger(minor, true)
    case 2:
      return decodeBytes(decodeLength(minor))
    case 3:
      return decodeString(decodeLength(minor))
    case 4:
      return decodeArray(decodeLength(minor), depth)
    case 5:
      return decodeMap(decodeLength(minor), depth)
    case 6:
      throw new DecodeError('Tags are not used')
  }
  if (initial === 0xf4) return false
  if (initial === 0xf5) return true
  if (initial === 0xf6) return null
  if (initial === 0xfb) return decodeFloat()
  throw new DecodeError('Simple value or float of this width is not used')
}

/** Length of bytes or text, or count of members: each takes a byte at least, so none can be above what is left. */
function decodeLength(minor: number): number {
  const length = minor < 24 ? minor : decodeHead(minor)
  if (length > bytes.length - position) throw new DecodeError('Length is above what the input holds')
  return length
}

/** The number after an initial byte; above 2^53 it is only approximate, which the callers refuse or read again. */
function decodeHead(minor: number): number {
  if (minor > 27) throw new DecodeError('Indefinite lengths are not used')
  const width = 1 << (minor - 24)
  if (position + width > bytes.length) throw new DecodeError('Value is cut short')
  let value = 0
  for (let i = 0; i < width; i++) value = value * 256 + bytes[position++]!
  const least = minor === 24 ? 24 : 2 ** (8 << (minor - 25))
  if (value < least) throw new DecodeError('Number is not in its shortest form')
  return value
}

function decodeInteger(minor: number, isNegative: boolean): number | bigint {
  if (minor < 24) return isNegative ? -1 - minor : minor
  const value = decodeHead(minor)
  if (value < Number.MAX_SAFE_INTEGER) return isNegative ? -1 - value : value
  let exact = 0n
  for (let i = position - 8; i < position; i++) exact = (exact << 8n) | BigInt(bytes[i]!)
  if (exact === BigInt(Number.MAX_SAFE_INTEGER) && !isNegative) return Number.MAX_SAFE_INTEGER
  return isNegative ? -1n - exact : exact
}

function decodeFloat(): number {
  if (position + 8 > bytes.length) throw new DecodeError('Value is cut short')
  const value = new DataView(bytes.buffer, bytes.byteOffset + position, 8).getFloat64(0)
  position += 8
  if (!Number.isFinite(value)) throw new DecodeError('Number is not finite')
  return value
}

function decodeBytes(length: number): Uint8Array {
  const end = position + length
  const value = length < copyBelow ? bytes.slice(position, end) : bytes.subarray(position, end)
  position = end
  return value
}

function decodeString(length: number): string {
  const start = position
  position += length
  if (length < 32) {
    let text = ''
    let i = start
    for (; i < position; i++) {
      const byte = bytes[i]!
      if (byte > 0x7f) break
      text += String.fromCharCode(byte)
    }
    if (i === position) return text
  }
  try {
    return strictUtf8.decode(bytes.subarray(start, position))
  } catch {
    throw new DecodeError('Text is not UTF-8')
  }
}

function decodeArray(length: number, depth: number): unknown[] {
  if (depth === 0) throw new DecodeError('Value is nested too deep')
  const array: unknown[] = []
  for (let i = 0; i < length; i++) array.push(decodeValue(depth - 1))
  return array
}

function decodeMap(length: number, depth: number): Record<string, unknown> {
  if (depth === 0) throw new DecodeError('Value is nested too deep')
  if (length * 2 > bytes.length - position) throw new DecodeError('Length is above what the input holds')
  const map: Record<string, unknown> = {}
  for (let i = 0; i < length; i++) {
    const initial = bytes[position++]!
    if (initial >>> 5 !== 3) throw new DecodeError('Key is not text')
    const key = decodeString(decodeLength(initial & 0x1f))
    if (key === '__proto__') throw new DecodeError('Key __proto__ is refused')
    if (Object.hasOwn(map, key)) throw new DecodeError('Key is repeated')
    map[key] = decodeValue(depth - 1)
  }
  return map
}
