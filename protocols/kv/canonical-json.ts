import { ProtocolError, type schema } from '../core/index.ts'
import { maxValueBytes } from './protocol.ts'

type JsonValue = schema.JsonValue

/**
 * One text for one value: members in the order of their UTF-16 units, no spaces, numbers and escapes as `JSON.stringify`
 * writes them (RFC 8785). So equal values are equal bytes, on every device.
 */
export function jsonToBytes(value: JsonValue): Uint8Array {
  const bytes = new TextEncoder().encode(write(value))
  if (bytes.length > maxValueBytes) throw tooLarge(bytes.length)
  return bytes
}

/** Stored values come from other people too: what is not JSON is a value that cannot be read, not a crash. */
export function bytesToJson(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ProtocolError('FailedPrecondition', 'The value under this key is not JSON', { cause })
  }
}

export function tooLarge(size: number): ProtocolError {
  return new ProtocolError('TooLarge', `A value has at most ${maxValueBytes} bytes, this one has ${size}`)
}

function write(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'string' && !value.isWellFormed()) {
      throw new ProtocolError('InvalidArgument', 'A text in the value is not well-formed Unicode')
    }
    return JSON.stringify(value)
  }
  const members = Object.keys(value).sort()
  return `{${members.map(name => `${write(name)}:${write(value[name]!)}`).join(',')}}`
}
