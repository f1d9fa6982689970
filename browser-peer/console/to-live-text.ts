import type { LiveText as OpenText } from '../../crdt/index.ts'
import type { LiveText } from './twin.ts'

/** A text that the spaces of this page hold open, as the console takes it. */
export function toLiveText(open: OpenText): LiveText {
  return {
    get text() {
      return open.text
    },
    get state() {
      return open.state
    },
    get isWritable() {
      return open.isWritable
    },
    awareness: open.awareness,
    onReplaced: listener => open.on('text', listener),
    onState: listener => open.on('state', listener),
    close: () => open.close()
  }
}
