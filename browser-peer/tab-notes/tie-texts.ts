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

/** Runs something that brings at most one update to a text, and answers how to take out again what it put there. */
export function whatArrives(text: Y.Text, bring: () => void): () => void {
  let arrived: Y.YTextEvent['delta'] = []
  const look = (event: Y.YTextEvent) => {
    arrived = event.delta
  }
  text.observe(look)
  bring()
  text.unobserve(look)
  return () => {
    const steps = arrived.map(({ insert, retain }) =>
      typeof insert === 'string' ? { delete: insert.length } : retain === undefined ? {} : { retain }
    )
    text.doc!.transact(() => text.applyDelta(steps), tie)
  }
}

/** Notes have no formats and nothing embedded. */
function toPlain(insert: unknown, removed: number | undefined, retain: number | undefined): object {
  if (insert !== undefined) return { insert: typeof insert === 'string' ? insert : '' }
  return removed !== undefined ? { delete: removed } : { retain }
}
