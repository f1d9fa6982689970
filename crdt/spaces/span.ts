import { decode } from '../codec.ts'
import { asList, asUint } from '../log/index.ts'

/** The entries of one log that a cut takes out. */
export interface Span {
  /** First that is out, first that is not, and so on by turns; the last ones go on while their number is odd. */
  readonly bounds: readonly number[]
  /** Up to where this device wrote again what is out. */
  readonly reissued: number
}

export const noSpan: Span = { bounds: [], reissued: 0 }

/** Whether an entry is out. */
export function isIn(span: Span | undefined, seq: number): boolean {
  return (span?.bounds.filter(bound => bound <= seq).length ?? 0) % 2 === 1
}

/** How many entries are out up to `head`. */
export function lengthOf(span: Span | undefined, head: number): number {
  const bounds = span?.bounds ?? []
  let length = 0
  for (let index = 0; index < bounds.length; index += 2) {
    length += Math.max(0, Math.min(bounds[index + 1] ?? head + 1, head + 1) - bounds[index]!)
  }
  return length
}

export function readSpan(value: Uint8Array): Span {
  const [bounds, reissued] = asList(decode(value), 2)
  return { bounds: asList(bounds).map(bound => asUint(bound)), reissued: asUint(reissued) }
}
