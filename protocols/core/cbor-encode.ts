/**
 * Deterministic CBOR (RFC 8949 §4.2, the subset of DAG-CBOR without links): shortest lengths, map keys sorted by length and
 * then bytes, floats always of 64 bits. Written here because a frame is built in place behind its length, and byte strings of
 * many KiB are handed on without a copy; cborg does neither, and is the oracle of the specs, which compare each byte.
 */

/** Byte strings of this size and more are handed on as they are instead of being copied into the frame. */
export const bigChunk = 16 * 1024

const textEncoder = new TextEncoder()
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)

// One scratch for all frames: encoding is synchronous and does not call out
let scratch = new Uint8Array(4096)
let view = new DataView(scratch.buffer)
let position = 0
let flushed = 0
let parts: Uint8Array[] = []

/** Encodes a value into chunks to be written one after the other, leaving `headroom` bytes free before the first. */
export function encodeParts(value: unknown, headroom = 0): Uint8Array[] {
  position = headroom
  flushed = 0
  parts = []
  encodeValue(value, 0)
  flush()
  const result = parts
  parts = []
  if (scratch.length > 256 * 1024) grow(0, 4096)
  return result
}

export function encodeCbor(value: unknown): Uint8Array {
  const chunks = encodeParts(value)
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

function flush(): void {
  if (position > flushed) parts.push(scratch.slice(flushed, position))
  flushed = position
}

function reserve(size: number): void {
  if (position + size > scratch.length) grow(position, Math.max(scratch.length * 2, position + size))
}

function grow(keep: number, size: number): void {
  const larger = new Uint8Array(size)
  larger.set(scratch.subarray(0, keep))
  scratch = larger
  view = new DataView(larger.buffer)
}

function encodeValue(value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      encodeString(value)
      return
    case 'number':
      encodeNumber(value)
      return
    case 'boolean':
      reserve(1)
      scratch[position++] = value ? 0xf5 : 0xf4
      return
    case 'bigint':
      encodeBigint(value)
      return
    case 'object':
      if (value === null) {
        reserve(1)
        scratch[position++] = 0xf6
        return
      }
      if (depth > 64) throw new TypeError('Cannot encode a value nested this deep')
      if (value instanceof Uint8Array) {
        encodeBytes(value)
        return
      }
      if (Array.isArray(value)) {
        encodeHead(0x80, value.length)
        for (const item of value) encodeValue(item, depth + 1)
        return
      }
      encodeMap(value as Record<string, unknown>, depth)
      return
    default:
      throw new TypeError(`Cannot encode a value of type ${typeof value}`)
  }
}

function encodeMap(map: Record<string, unknown>, depth: number): void {
  let keys = Object.keys(map)
  for (let i = 0; i < keys.length; i++) {
    if (map[keys[i]!] === undefined) {
      keys = keys.filter(key => map[key] !== undefined)
      break
    }
  }
  for (let i = 1; i < keys.length; i++) {
    if (compareKeys(keys[i - 1]!, keys[i]!) > 0) {
      keys.sort(compareKeys)
      break
    }
  }
  encodeHead(0xa0, keys.length)
  for (const key of keys) {
    encodeString(key)
    encodeValue(map[key], depth + 1)
  }
}

function compareKeys(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  const left = textEncoder.encode(a)
  const right = textEncoder.encode(b)
  if (left.length !== right.length) return left.length - right.length
  const at = left.findIndex((byte, i) => byte !== right[i])
  return at < 0 ? 0 : left[at]! - right[at]!
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

function encodeString(text: string): void {
  const length = text.length
  if (length < 64) {
    reserve(length + 2)
    const start = position
    encodeHead(0x60, length)
    let i = 0
    for (; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) break
      scratch[position++] = unit
    }
    if (i === length) return
    position = start
  }
  const utf8 = textEncoder.encode(text)
  encodeHead(0x60, utf8.length)
  append(utf8)
}

function encodeBytes(value: Uint8Array): void {
  encodeHead(0x40, value.length)
  if (value.length < bigChunk) {
    append(value)
    return
  }
  flush()
  parts.push(value)
}

function append(chunk: Uint8Array): void {
  reserve(chunk.length)
  scratch.set(chunk, position)
  position += chunk.length
}

function encodeNumber(value: number): void {
  if (Number.isSafeInteger(value)) {
    value >= 0 ? encodeHead(0x00, value) : encodeHead(0x20, -1 - value)
    return
  }
  if (!Number.isFinite(value)) throw new TypeError('Cannot encode a number that is not finite')
  reserve(9)
  scratch[position] = 0xfb
  view.setFloat64(position + 1, value)
  position += 9
}

function encodeBigint(value: bigint): void {
  const magnitude = value >= 0n ? value : -1n - value
  if (magnitude > 0xffff_ffff_ffff_ffffn) throw new TypeError('Cannot encode a bigint of more than 64 bits')
  const major = value >= 0n ? 0x00 : 0x20
  if (magnitude <= maxSafe) {
    encodeHead(major, Number(magnitude))
    return
  }
  reserve(9)
  scratch[position] = major | 27
  view.setBigUint64(position + 1, magnitude)
  position += 9
}

function encodeHead(major: number, value: number): void {
  reserve(9)
  if (value < 24) {
    scratch[position++] = major | value
  } else if (value < 0x100) {
    scratch[position++] = major | 24
    scratch[position++] = value
  } else if (value < 0x1_0000) {
    scratch[position++] = major | 25
    scratch[position++] = value >>> 8
    scratch[position++] = value & 0xff
  } else if (value < 0x1_0000_0000) {
    scratch[position] = major | 26
    view.setUint32(position + 1, value)
    position += 5
  } else {
    scratch[position] = major | 27
    view.setUint32(position + 1, Math.floor(value / 0x1_0000_0000))
    view.setUint32(position + 5, value % 0x1_0000_0000)
    position += 9
  }
}
