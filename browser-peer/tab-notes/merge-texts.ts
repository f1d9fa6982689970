import * as Y from 'yjs'
import { commonStart, level } from './tie-texts.ts'

/** Letters typed before somebody says that they are stored. More were pasted, and are stored as a whole or not. */
const maxTyped = 1000
/** Where something may have been put in, in a row of the same letters. */
const maxPlaces = 100

/**
 * What two wrote from one text on, in one text. Where `theirs` has some of `mine` already, as when the last edits were stored and nobody
 * could say so any more, nothing stands there twice.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string {
  if (mine === base || mine === theirs) return theirs
  if (theirs === base) return mine
  const joined = join(base, mine, theirs)
  if (joined !== undefined) return joined
  const docs = [mine, theirs].map(() => new Y.Doc())
  const [first, second] = docs as [Y.Doc, Y.Doc]
  first.getText().insert(0, base)
  Y.applyUpdate(second, Y.encodeStateAsUpdate(first))
  level(first.getText(), mine)
  level(second.getText(), theirs)
  Y.applyUpdate(first, Y.encodeStateAsUpdate(second))
  const merged = first.getText().toString()
  for (const doc of docs) doc.destroy()
  return merged
}

/**
 * Where `mine` only put something in one place, and `theirs` some of that, from its beginning, and at most one thing more, in front of it
 * or behind: both, once. Two who began the same at one place at that moment are taken for one.
 */
function join(base: string, mine: string, theirs: string): string | undefined {
  if (!isPutIn(base, mine)) return undefined
  const length = mine.length - base.length
  // Where the letters in front are those at the end of what was put in, it may as well have been put in there
  const furthest = commonStart(base, mine)
  for (let start = furthest; start > furthest - maxPlaces; start--) {
    const joined = joinAt(base.slice(0, start), mine.slice(start, start + length), base.slice(start), theirs)
    if (joined !== undefined) return joined
    if (start === 0 || mine[start - 1] !== mine[start - 1 + length]) break
  }
  return undefined
}

function joinAt(head: string, put: string, rest: string, theirs: string): string | undefined {
  const [isBehind, isInFront] = [theirs.startsWith(head), theirs.endsWith(rest)]
  const fewest = put.length > maxTyped ? put.length : 1
  for (let length = put.length; length >= fewest; length--) {
    const there = put.slice(0, length)
    if (!there.isWellFormed()) continue
    const at = theirs.length - rest.length - length
    if (isBehind && theirs.startsWith(there, head.length)) {
      const behind = theirs.slice(head.length + length)
      if (isPutIn(rest, behind)) return head + put + behind
    }
    if (isInFront && at >= 0 && theirs.startsWith(there, at)) {
      const front = theirs.slice(0, at)
      if (isPutIn(head, front)) return front + put + rest
    }
  }
  return undefined
}

/** Whether something was put in one place, and nothing taken out. */
function isPutIn(before: string, after: string): boolean {
  return after.length >= before.length && after.endsWith(before.slice(commonStart(before, after)))
}
