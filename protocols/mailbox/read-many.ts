import { FormatError } from '../../crdt/log/index.ts'

/**
 * A decoded value as an array of a bounded number of items.
 *
 * @throws {FormatError}
 */
export function readMany(value: unknown, most: number, least = 0): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most || value.length < least)
    throw new FormatError(`Not an array of ${least} to ${most} items`)
  return value
}
