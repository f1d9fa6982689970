import type * as Y from 'yjs'
import type { Edit } from './editing-trace.ts'

/** Operations between two turns of the event loop: what a paste, a macro or a busy session puts into one tick. */
export const editsPerTick = 256

/** Types a trace, one transaction an operation, and lets the event loop turn after each tick. */
export async function typeEdits(doc: Y.Doc, text: Y.Text, edits: readonly Edit[], turn = nextTurn): Promise<void> {
  for (let at = 0; at < edits.length; ) {
    const end = Math.min(at + editsPerTick, edits.length)
    for (; at < end; at++) {
      const [position, deletions, inserted] = edits[at]!
      doc.transact(() => {
        if (deletions > 0) text.delete(position, deletions)
        if (inserted.length > 0) text.insert(position, inserted)
      })
    }
    await turn()
  }
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
