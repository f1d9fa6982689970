import type * as Y from 'yjs'

/** Puts `after` where `before` stands, and touches nothing of what both begin and end with. */
export function rewrite(text: Y.Text, at: number, before: string, after: string): void {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  // Never between the halves of a surrogate pair
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) start--
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end--
  if (before.length > start + end) text.delete(at + start, before.length - start - end)
  if (after.length > start + end) text.insert(at + start, after.slice(start, after.length - end))
}

function isHigh(unit: number): boolean {
  return unit >>> 10 === 0x36
}

function isLow(unit: number): boolean {
  return unit >>> 10 === 0x37
}
