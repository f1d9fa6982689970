import type * as Y from 'yjs'
import { rewrite } from '../../protocols/notes/index.ts'

const tie = Symbol('tie')

/**
 * Keeps two texts of different documents alike, in both directions and within the turn of each edit; they have to be alike now.
 * Answers how to stop.
 */
export function tieTexts(one: Y.Text, other: Y.Text): () => void {
  let isCopying = false
  const copyTo = (target: Y.Text) => (event: Y.YTextEvent) => {
    if (isCopying) return
    isCopying = true
    try {
      const source = event.target
      target.doc!.transact(() => {
        target.applyDelta(event.delta.map(({ insert, delete: removed, retain }) => toPlain(insert, removed, retain)))
        // Of two transactions in one turn the first is told with both done
        if (target.length !== source.length) level(target, source.toString())
      }, tie)
      // Taken back by whoever listens there
      if (target.length !== source.length) level(source, target.toString())
    } finally {
      isCopying = false
    }
  }
  const there = copyTo(other)
  const back = copyTo(one)
  one.observe(there)
  other.observe(back)
  return () => {
    one.unobserve(there)
    other.unobserve(back)
  }
}

/** Makes a text read so, by the smallest edit that does it. */
export function level(text: Y.Text, wanted: string): void {
  const before = text.toString()
  if (before !== wanted) text.doc!.transact(() => rewrite(text, 0, before, wanted), tie)
}

/** Where letters are that arrived in a text. */
export type Arrived = readonly { readonly from: number; readonly to: number }[]

/** Runs something that brings at most one update to a text, and answers where its letters are. */
export function whatArrives(text: Y.Text, bring: () => void): Arrived {
  const arrived: { from: number; to: number }[] = []
  const look = (event: Y.YTextEvent) => {
    let at = 0
    for (const { insert, retain = 0 } of event.delta) {
      const length = typeof insert === 'string' ? insert.length : retain
      if (insert !== undefined) arrived.push({ from: at, to: at + length })
      at += length
    }
  }
  text.observe(look)
  bring()
  text.unobserve(look)
  return arrived
}

/** As `level`, but where something stands twice, what goes is what arrived: what was written here can be undone here. */
export function levelArrived(text: Y.Text, wanted: string, arrived: Arrived): void {
  const now = text.toString()
  const extra = now.length - wanted.length
  // One range of that length may be taken out anywhere between these
  const last = commonStart(now, wanted)
  let first = wanted.length
  while (first > 0 && now[first + extra - 1] === wanted[first - 1]) first--
  for (const { from, to } of extra > 0 ? arrived : []) {
    const at = Math.max(from, first)
    if (at <= Math.min(last, to - extra)) {
      text.doc!.transact(() => text.delete(at, extra), tie)
      return
    }
  }
  level(text, wanted)
}

export function commonStart(one: string, other: string): number {
  let start = 0
  while (start < one.length && one[start] === other[start]) start++
  return start
}

/** Notes have no formats and nothing embedded. */
function toPlain(insert: unknown, removed: number | undefined, retain: number | undefined): object {
  if (insert !== undefined) return { insert: typeof insert === 'string' ? insert : '' }
  return removed !== undefined ? { delete: removed } : { retain }
}
