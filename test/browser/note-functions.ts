import { createRelativePositionFromTypeIndex, UndoManager } from 'yjs'
import type { OpenNote, Twin } from '../../browser-peer/index.ts'
import type { ProtocolError } from '../../protocols/core/index.ts'

/** Functions of the page about one note that is open in it. */
export function noteFunctions(twin: () => Twin) {
  let note: OpenNote | undefined
  let history: UndoManager | undefined
  return {
    /** Opens a note in an editor that nobody sees, with the cursor at its beginning. */
    async openNote(id: string): Promise<string> {
      note?.close()
      try {
        note = await twin().editNote(id)
        point(note!, 0)
        history = new UndoManager(note!.live.text, { captureTimeout: 0 })
        return 'open'
      } catch (error) {
        return String((error as ProtocolError).code ?? error)
      }
    },

    /** What is open, for functions in this page. */
    opened(): OpenNote['live'] {
      return note!.live
    },

    closeNote(): void {
      note?.close()
      note = undefined
    },

    /** Types at the beginning or at the end of the note, and answers when it is stored here. */
    async type(text: string, isAtEnd = true): Promise<void> {
      const { live } = note!
      const at = isAtEnd ? live.text.length : 0
      live.text.insert(at, text)
      point(note!, at + text.length)
      await live.saved()
    },

    /** Takes back what was typed last in this page. */
    undo(): void {
      history!.undo()
    },

    /** The note as it is seen here, with those who have a cursor in it. */
    note() {
      const { live } = note!
      const others = [...live.awareness.getStates()].flatMap(([client, { user, cursor }]) =>
        client === live.awareness.clientID
          ? []
          : [{ name: String(user?.name), hasCursor: cursor !== null, isDirect: note!.isDirect(client) }]
      )
      return { text: live.text.toString(), others, state: live.state }
    }
  }
}

function point({ live }: OpenNote, at: number): void {
  const place = createRelativePositionFromTypeIndex(live.text, at)
  live.awareness.setLocalStateField('cursor', { anchor: place, head: place })
}
