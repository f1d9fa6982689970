/** Bytes do not have the form that FORMATS.md gives them. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

export function asList(value: unknown, length?: number, max = 256): unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length) || value.length > max) {
    throw new FormatError('An array of another length was expected')
  }
  return value
}

export function asUint(value: unknown, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || value < 0 || value > max) throw new FormatError('A count was expected')
  return value
}

export function asBytes(value: unknown, length?: number, max = Number.MAX_SAFE_INTEGER): Uint8Array {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length) || value.length > max) {
    throw new FormatError('Bytes of another length were expected')
  }
  return value
}

export function asText(value: unknown, maxBytes: number): string {
  if (typeof value !== 'string' || isLongerThan(value, maxBytes)) {
    throw new FormatError('A shorter text was expected')
  }
  return value
}

/** Whether a text takes more bytes in UTF-8. Three for each UTF-16 unit at most, so short ones are not counted. */
export function isLongerThan(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && textBytes(text) > maxBytes
}

/** Bytes of a text in UTF-8. */
function textBytes(text: string): number {
  return encoder.encode(text).length
}

const encoder = new TextEncoder()
