/** The checks that decoded values pass once, at the edge. Each answers the value in its type or throws a `ShapeError`. */

const encoder = new TextEncoder()

/** A decoded value is not what its format says. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'
}

/** A map as `decode` makes it. Own fields only, so any name may be looked up. */
export type Fields = Readonly<Record<string, unknown>>

export function asMap(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new ShapeError(`${what} is not a map`)
  }
  return value as Fields // any other object of `decode` is a map
}

/** @param length exact number of items */
export function asTuple(value: unknown, what: string, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw new ShapeError(`${what} is not an array of ${length}`)
  return value
}

export function asArray(value: unknown, what: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new ShapeError(`${what} is not an array`)
  if (value.length > most) throw new ShapeError(`${what} has more than ${most} items`)
  return value
}

/** @param length exact number of bytes */
export function asBytes(value: unknown, what: string, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new ShapeError(`${what} is not a byte string`)
  if (length !== undefined && value.length !== length) throw new ShapeError(`${what} has not ${length} bytes`)
  return value
}

export function asUint(value: unknown, what: string, most: number = Number.MAX_SAFE_INTEGER, least = 0): number {
  if (typeof value !== 'number' || value < least || value > most) {
    throw new ShapeError(`${what} is not an integer from ${least} to ${most}`)
  }
  return value
}

/** @param most bytes of UTF-8 */
export function asText(value: unknown, what: string, most: number): string {
  if (typeof value !== 'string') throw new ShapeError(`${what} is not text`)
  // A UTF-16 unit takes at least one byte: long texts are refused before they are encoded
  if (value.length > most || encoder.encode(value).length > most) throw new ShapeError(`${what} is over ${most} bytes`)
  return value
}

export function asVersion(value: unknown, what: string): void {
  if (value !== 1) throw new ShapeError(`${what} has an unknown version`)
}
