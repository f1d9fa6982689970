import * as Y from 'yjs'
import { level } from './tie-texts.ts'

/** Letters that two do not put in one place by chance: fewer may stand there twice rather than be lost. */
const fewestAlike = 3

/**
 * What two wrote from one text on, in one text. Where `theirs` is on the way to `mine`, or has all of it beside what somebody else put
 * in, as when the last edits were stored and nobody could say so any more, nothing stands there twice.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string {
  if (mine === base || mine === theirs || isContained(base, mine, theirs)) return theirs
  if (theirs === base || isOnTheWay(base, mine, theirs)) return mine
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

/** Whether `mine` only put something in one place, and theirs that and something else in front of it or behind. */
function isContained(base: string, mine: string, theirs: string): boolean {
  if (!isPutIn(base, mine) || mine.length < base.length + fewestAlike) return false
  const start = commonStart(base, mine)
  const head = mine.slice(0, mine.length - base.length + start)
  const tail = mine.slice(start)
  return (
    (theirs.startsWith(head) && isPutIn(base.slice(start), theirs.slice(head.length))) ||
    (theirs.endsWith(tail) && isPutIn(base.slice(0, start), theirs.slice(0, theirs.length - tail.length)))
  )
}

/** Whether something was put in one place, and nothing taken out. */
function isPutIn(before: string, after: string): boolean {
  return after.length >= before.length && after.endsWith(before.slice(commonStart(before, after)))
}

function commonStart(one: string, other: string): number {
  let start = 0
  while (start < one.length && one[start] === other[start]) start++
  return start
}

/** Whether both only put something in one place, and theirs is the beginning of mine. */
function isOnTheWay(base: string, mine: string, theirs: string): boolean {
  if (mine.length < base.length || theirs.length < base.length) return false
  let start = 0
  while (start < base.length && base[start] === mine[start] && base[start] === theirs[start]) start++
  const rest = base.slice(start)
  const put = (text: string) => text.slice(start, text.length - rest.length)
  return mine.endsWith(rest) && theirs.endsWith(rest) && put(mine).startsWith(put(theirs))
}
