import * as Y from 'yjs'
import { readEditingTrace } from '../editing-trace.ts'
import { serveSide } from '../side.ts'
import { typeEdits } from '../type-edits.ts'

/** Bare Yjs: the trace typed into a text, one transaction an operation, nobody listening. */
serveSide({
  type: async (limit: number) => {
    const { edits } = readEditingTrace(limit)
    const doc = new Y.Doc()
    const text = doc.getText('text')
    const begin = performance.now()
    await typeEdits(doc, text, edits)
    return { perSecond: (edits.length / (performance.now() - begin)) * 1000, count: edits.length }
  }
})
