import type * as Y from 'yjs'
import { nowNs } from './entries.ts'

/** Types one letter after the other, as an editor does; when each was typed. */
export async function typeKeystrokes(text: Y.Text, count: number, pauseMs: number): Promise<bigint[]> {
  const begun: bigint[] = []
  for (let stroke = 0; stroke < count; stroke++) {
    begun.push(nowNs())
    text.insert(text.length, String.fromCharCode(97 + (stroke % 26)))
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
  return begun
}

/** When each letter beyond the first ones was in the text here. */
export function keystrokesShown(text: Y.Text, count: number, before = text.length): Promise<bigint[]> {
  const seen: bigint[] = []
  return new Promise(resolve => {
    text.observe(() => {
      for (let at = nowNs(); seen.length < text.length - before; ) seen.push(at)
      if (seen.length >= count) resolve(seen)
    })
  })
}
