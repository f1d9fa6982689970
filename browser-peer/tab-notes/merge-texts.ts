import * as Y from 'yjs'
import { level } from './tie-texts.ts'

/**
 * What two wrote from one text on, in one text. Where `theirs` is on the way to `mine`, as when the last edits were stored and
 * nobody could say so any more, it is `mine` and nothing stands there twice.
 */
export function mergeTexts(base: string, mine: string, theirs: string): string {
  if (mine === base || mine === theirs) return theirs
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

/** Whether both only put something in one place, and theirs is the beginning of mine. */
function isOnTheWay(base: string, mine: string, theirs: string): boolean {
  if (mine.length < base.length || theirs.length < base.length) return false
  let start = 0
  while (start < base.length && base[start] === mine[start] && base[start] === theirs[start]) start++
  const rest = base.slice(start)
  const put = (text: string) => text.slice(start, text.length - rest.length)
  return mine.endsWith(rest) && theirs.endsWith(rest) && put(mine).startsWith(put(theirs))
}
