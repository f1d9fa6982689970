import { toString as bytesToString } from 'uint8arrays/to-string'
import { asArray, asBytes, asTuple, asUint, ShapeError } from '../shape.ts'

/** In one record: an envelope is at most 64 KiB */
const maxCuts = 512
/** Of one device, over all records */
const maxAllCuts = 16_384

/** How far a revoked device's log in one space still counts. */
export interface Cut {
  /** 32 bytes */
  readonly space: Uint8Array
  readonly seq: number
  /** Hash of that entry */
  readonly hash: Uint8Array
}

type CutBody = [Uint8Array, number, Uint8Array]

/** As many parts as there are records to write, at least one, which may be empty. */
export function cutsToBodies(cuts: readonly Cut[]): CutBody[][] {
  if (cuts.length > maxAllCuts) throw new RangeError(`A device is cut in at most ${maxAllCuts} spaces`)
  const bodies: CutBody[][] = []
  for (let from = 0; from === 0 || from < cuts.length; from += maxCuts) {
    bodies.push(cuts.slice(from, from + maxCuts).map(({ space, seq, hash }) => [space, seq, hash]))
  }
  return bodies
}

export function readCuts(value: unknown): Cut[] {
  return asArray(value, 'The cuts', maxCuts).map(item => {
    const [space, seq, hash] = asTuple(item, 'A cut', 3)
    return {
      space: asBytes(space, 'The space', 32),
      seq: asUint(seq, 'The sequence'),
      hash: asBytes(hash, 'The hash', 32)
    }
  })
}

/** Of one space the cut that was named last counts: a revocation that was broken off is begun again. */
export function joinCuts(ahead: readonly Cut[] | undefined, cuts: readonly Cut[]): readonly Cut[] {
  if (ahead === undefined) return cuts
  const joined = new Map([...ahead, ...cuts].map(cut => [bytesToString(cut.space, 'hex'), cut]))
  if (joined.size > maxAllCuts) throw new ShapeError('The device is cut in too many spaces')
  return [...joined.values()]
}
