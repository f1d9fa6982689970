import type { OpenNote } from '../index.ts'
import type { LiveText } from './twin.ts'

/** What a text alone does not know: who of those present is connected directly. */
export type LiveTextPeers = Pick<LiveText, 'isDirect' | 'onPeers' | 'close'>

/** A text that the spaces of this page hold open, as the console takes it. */
export function toLiveText(open: OpenNote['live'], peers?: LiveTextPeers): LiveText {
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
    typedBy: client => open.typedBy(client),
    isDirect: client => peers?.isDirect(client) ?? false,
    onPeers: listener => peers?.onPeers(listener) ?? (() => {}),
    onReplaced: listener => open.on('text', listener),
    onState: listener => open.on('state', listener),
    close: () => (peers ?? open).close()
  }
}
