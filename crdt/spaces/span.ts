import { decode } from '../codec.ts'
import { asList, asUint } from '../log/index.ts'

/** The entries of one log that a cut takes out. */
export interface Span {
  /** First that is out, first that is not, and so on by turns; the last ones go on while their number is odd. */
  readonly bounds: number[]
  /** Up to where this device wrote again what is out. */
  readonly reissued: number
}

export const noSpan: Span = { bounds: [], reissued: 0 }

/** Whether an entry is out. */
export function isIn(span: Span | undefined, seq: number): boolean {
  return span !== undefined && span.bounds.length > 0 && boundsUpTo(span.bounds, seq) % 2 === 1
}

/** How many bounds are at most `seq`; they are in order. */
function boundsUpTo(bounds: readonly number[], seq: number): number {
  let [low, high] = [0, bounds.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (bounds[middle]! <= seq) low = middle + 1
    else high = middle
  }
  return low
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

/** The last entry up to `head` that none of these takes out, 0 without one. */
export function lastIn(spans: readonly Span[], head: number): number {
  let seq = head
  for (let span = spans.find(one => isIn(one, seq)); span !== undefined; span = spans.find(one => isIn(one, seq))) {
    seq = span.bounds.findLast(bound => bound <= seq)! - 1
  }
  return seq
}

export function copyOf(spans: ReadonlyMap<number, Span>): Map<number, Span> {
  return new Map(Array.from(spans, ([client, span]) => [client, { ...span, bounds: [...span.bounds] }]))
}
