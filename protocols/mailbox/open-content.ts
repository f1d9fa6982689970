import { decode } from '../../crdt/crypto/index.ts'
import { asBytes, asUint } from '../../crdt/log/index.ts'
import { readMany } from './read-many.ts'

/**
 * What was in a parcel: kind, signed envelope and body.
 *
 * @throws {Error}
 */
export function openContent(content: Uint8Array): { kind: number; envelope: Uint8Array; body: Uint8Array } {
  const [version, kind, envelope, body] = readMany(decode(content), 4, 4)
  asUint(version, 1)
  return { kind: asUint(kind), envelope: asBytes(envelope), body: asBytes(body) }
}
