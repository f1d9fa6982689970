import { Refusal } from './refusal.ts'
import { isAllowedKey, MAX_DEPTH } from './rules.ts'
import type { UpdateReader } from './update-reader.ts'

/** Checks one value in lib0's any-encoding: no BigInt, no NaN or infinity, no polluting key, bounded depth. */
export function readAnyValue(reader: UpdateReader, depth = 0): void {
  if (depth > MAX_DEPTH) throw new Refusal('nesting', 'A value is nested too deeply')
  switch (127 - reader.byte()) {
    case 0: // undefined
    case 1: // null
    case 6: // false
    case 7: // true
      return
    case 2:
      reader.skipInt()
      return
    case 3:
      readFinite(reader, 4)
      return
    case 4:
      readFinite(reader, 8)
      return
    case 8:
      reader.stringLength()
      return
    case 9: {
      for (let left = readCount(reader, 2); left > 0; left--) {
        if (!isAllowedKey(reader.string())) throw new Refusal('key', 'An object has a key that is not allowed')
        readAnyValue(reader, depth + 1)
      }
      return
    }
    case 10: {
      for (let left = readCount(reader, 1); left > 0; left--) readAnyValue(reader, depth + 1)
      return
    }
    case 11:
      reader.skipBytes()
      return
    default: // 5 is a BigInt, on which JSON.stringify throws
      throw new Refusal('value', 'A value has a kind that is not allowed')
  }
}

/** Checks one value that Yjs keeps as JSON text (embeds and formats). */
export function readJsonValue(reader: UpdateReader): void {
  let value: unknown
  const text = reader.string()
  try {
    value = JSON.parse(text)
  } catch (cause) {
    if (text === 'undefined') throw new Refusal('value', 'A value is undefined')
    throw new Refusal('value', `A value is not JSON: ${(cause as Error).name}`)
  }
  checkJson(value, 0)
}

function checkJson(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_DEPTH) throw new Refusal('nesting', 'A value is nested too deeply')
  if (Array.isArray(value)) {
    for (const item of value) checkJson(item, depth + 1)
    return
  }
  for (const key of Object.keys(value)) {
    if (!isAllowedKey(key)) throw new Refusal('key', 'An object has a key that is not allowed')
    checkJson((value as Record<string, unknown>)[key], depth + 1)
  }
}

function readFinite(reader: UpdateReader, size: 4 | 8): void {
  if (!Number.isFinite(reader.float(size))) throw new Refusal('value', 'A number is not finite')
}

/** A count whose elements take at least `least` bytes each. */
function readCount(reader: UpdateReader, least: number): number {
  const count = reader.uint()
  if (count * least > reader.left) throw new Refusal('encoding', 'A count is beyond the end of the update')
  return count
}
