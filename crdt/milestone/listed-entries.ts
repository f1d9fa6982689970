import { asList, asUint } from '../log/index.ts'

/** So many entries one after the other, each of so many clocks. */
export type EntrySpan = readonly [clock: number, seq: number, count: number, length: number]

/** With which entry of its log each clock of a Yjs client came; nothing for clients of which no clock did. */
export type ListedEntries = readonly (readonly [client: number, spans: readonly EntrySpan[]])[]

/** Adds entries of a client in order, so that a long log of short entries takes few spans. */
export class EntrySpans {
  readonly spans: EntrySpan[]

  constructor(spans: readonly EntrySpan[] = []) {
    this.spans = [...spans]
  }

  /** Clock after the last entry. */
  get end(): number {
    return endOf(this.spans)
  }

  add(seq: number, length: number): void {
    const last = this.spans.at(-1)
    if (last !== undefined && last[3] === length && last[1] + last[2] === seq) {
      this.spans[this.spans.length - 1] = [last[0], last[1], last[2] + 1, length]
    } else this.spans.push([this.end, seq, 1, length])
  }
}

/** Clock after the last of the entries. */
export function endOf(spans: readonly EntrySpan[]): number {
  const last = spans.at(-1)
  return last === undefined ? 0 : last[0] + last[2] * last[3]
}

/** Sequence number of the entry with which a clock came, 0 when none is listed. */
export function seqAt(spans: readonly EntrySpan[], clock: number): number {
  let [low, high] = [0, spans.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (spans[middle]![0] <= clock) low = middle
    else high = middle - 1
  }
  const span = spans[low]
  if (span === undefined || clock < span[0] || clock >= endOf([span])) return 0
  return span[1] + Math.floor((clock - span[0]) / span[3])
}

/** Whether each clock up to `end` came with one entry, later ones with later entries, none beyond `head`. */
export function areSound(spans: readonly EntrySpan[], end: number, head: number): boolean {
  let [clock, seq] = [0, 0]
  for (const [from, first, count, length] of spans) {
    if (from !== clock || first <= seq || count < 1 || length < 1) return false
    clock = from + count * length
    seq = first + count - 1
  }
  return clock === end && seq <= head
}

/** @throws {FormatError} */
export function readListedEntries(value: unknown, maxClients: number): ListedEntries {
  return asList(value, undefined, maxClients).map(item => {
    const [client, spans] = asList(item, 2)
    return [asUint(client, 0xffffffff), asList(spans, undefined, 1_000_000).map(readSpan)] as const
  })
}

function readSpan(value: unknown): EntrySpan {
  const [clock, seq, count, length] = asList(value, 4)
  return [asUint(clock), asUint(seq), asUint(count), asUint(length)]
}
