import * as decoding from 'lib0/decoding'
import { ShapeError } from '../shape.ts'

/** People who are present in one message. */
const MAX_CLIENTS = 64
/** What one of them may say: name, colour, cursor (UTF-16 units of JSON). */
const MAX_STATE_LENGTH = 8192
const MAX_STATE_DEPTH = 16

/**
 * Checks the form of a y-protocols awareness update, which that package applies without looking.
 *
 * @throws {ShapeError}
 */
export function checkAwareness(bytes: Uint8Array): void {
  try {
    const decoder = decoding.createDecoder(bytes.slice())
    const clients = decoding.readVarUint(decoder)
    if (clients > MAX_CLIENTS) throw new ShapeError('Too many are present')
    for (let i = 0; i < clients; i++) {
      decoding.readVarUint(decoder) // client
      decoding.readVarUint(decoder) // clock
      const state = decoding.readVarString(decoder)
      if (state.length > MAX_STATE_LENGTH) throw new ShapeError('A presence is too long')
      checkState(JSON.parse(state))
    }
    if (decoding.hasContent(decoder)) throw new ShapeError('Bytes follow the presence')
  } catch (cause) {
    if (cause instanceof ShapeError) throw cause
    throw new ShapeError('The presence is malformed', { cause })
  }
}

function checkState(value: unknown): void {
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw new ShapeError('A presence is not an object')
  }
  checkDepth(value, 0)
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > MAX_STATE_DEPTH) throw new ShapeError('A presence is nested too deeply')
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new ShapeError('A presence has a key that is not allowed')
    checkDepth((value as Record<string, unknown>)[key], depth + 1)
  }
}
