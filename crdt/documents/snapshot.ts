import { decode, encode } from '../codec.ts'
import { asBytes, asList, asUint } from '../log/index.ts'

/** What a snapshot covers: twin, device and sequence of each log. */
export type SnapshotFrontier = readonly (readonly [twin: Uint8Array, device: number, seq: number])[]

export interface Snapshot {
  readonly frontier: SnapshotFrontier
  readonly state: Uint8Array
}

/** Row of the local snapshot cache (FORMATS §8); never trusted from elsewhere. */
export function encodeSnapshot({ frontier, state }: Snapshot): Uint8Array {
  return encode([1, frontier, state])
}

/** The snapshot, or undefined when the row is none: it is a cache, the log says the same. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot | undefined {
  try {
    const [version, frontier, state] = asList(decode(bytes), 3)
    if (version !== 1) return undefined
    const logs = asList(frontier, undefined, 65_536).map(item => {
      const [twin, device, seq] = asList(item, 3)
      return [asBytes(twin, 32), asUint(device, 0xffff), asUint(seq)] as const
    })
    return { frontier: logs, state: asBytes(state) }
  } catch {
    return undefined
  }
}
