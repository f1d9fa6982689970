import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { ShapeError } from '../shape.ts'

/** People who are present in one message. */
const maxClients = 64
/** What one of them may say: a cursor and the like (UTF-16 units of JSON). */
const maxStateLength = 8192
const maxStateDepth = 16

/** What one device says of itself in one document (y-protocols awareness). */
export interface PresenceState {
  readonly client: number
  /** Grows with every change */
  readonly clock: number
  /** Null: it has left */
  readonly state: Readonly<Record<string, unknown>> | null
}

/**
 * Reads a y-protocols awareness update, which that package applies without looking.
 *
 * @throws {ShapeError}
 */
export function readPresence(bytes: Uint8Array): PresenceState[] {
  try {
    const decoder = decoding.createDecoder(bytes.slice())
    const count = decoding.readVarUint(decoder)
    if (count > maxClients) throw new ShapeError('Too many are present')
    const states: PresenceState[] = []
    for (let index = 0; index < count; index++) {
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      const text = decoding.readVarString(decoder)
      if (text.length > maxStateLength) throw new ShapeError('A presence is too long')
      states.push({ client, clock, state: checkState(JSON.parse(text)) })
    }
    if (decoding.hasContent(decoder)) throw new ShapeError('Bytes follow the presence')
    return states
  } catch (cause) {
    if (cause instanceof ShapeError) throw cause
    throw new ShapeError('The presence is malformed', { cause })
  }
}

export function writePresence(states: readonly PresenceState[]): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, states.length)
  for (const { client, clock, state } of states) {
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, JSON.stringify(state))
  }
  return encoding.toUint8Array(encoder)
}

function checkState(value: unknown): PresenceState['state'] {
  if (typeof value !== 'object' || Array.isArray(value)) throw new ShapeError('A presence is not an object')
  checkDepth(value, 0)
  // What JSON calls an object
  return value as PresenceState['state']
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > maxStateDepth) throw new ShapeError('A presence is nested too deeply')
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new ShapeError('A presence has a key that is not allowed')
    checkDepth((value as Record<string, unknown>)[key], depth + 1)
  }
}
