import { Annotation, type Extension, Transaction } from '@codemirror/state'
import { type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { EditedText } from './editor.ts'
import { FramePace } from './frame-pace.ts'
import { RemoteMarks } from './remote-marks.ts'

const moved = Annotation.define<true>()

type TypedBy = EditedText['typedBy']

/**
 * The cursors of the others and what they type, and the own one for them. The plugin of y-codemirror writes style attributes, which the policy of
 * the page forbids; this one has classes.
 */
export function remoteCursors(text: Y.Text, awareness: Awareness, typedBy: TypedBy): Extension {
  return ViewPlugin.define(view => new RemoteCursors(view, text, awareness, typedBy), {
    decorations: plugin => plugin.decorations
  })
}

class RemoteCursors {
  decorations: DecorationSet
  readonly #text: Y.Text
  readonly #awareness: Awareness
  readonly #marks: RemoteMarks
  readonly #pace: FramePace
  /** The cursor of this device may stand in another tab: it is taken away by the editor that set it, once */
  #isShown = false
  readonly #onChange: (change: { added: number[]; updated: number[]; removed: number[] }) => void

  constructor(view: EditorView, text: Y.Text, awareness: Awareness, typedBy: TypedBy) {
    this.#text = text
    this.#awareness = awareness
    this.#marks = new RemoteMarks(text, awareness, typedBy)
    this.#pace = new FramePace(() => {
      if (!this.#marks.retype(view.state.doc.length)) view.dispatch({ annotations: [moved.of(true)] })
    })
    this.#onChange = ({ added, updated, removed }) => {
      const others = [...added, ...updated, ...removed].filter(client => client !== awareness.clientID)
      if (this.#marks.changed(others)) this.#pace.ask()
    }
    awareness.on('change', this.#onChange)
    this.decorations = this.#marks.draw(view.state.doc.length)
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.#publish(update.view)
    const isAsked = update.transactions.some(transaction => transaction.annotation(moved) === true)
    const isOwn = update.transactions.every(by => !by.docChanged || by.annotation(Transaction.userEvent) !== undefined)
    const isOld = update.docChanged && this.#marks.edited(update.changes, isOwn)
    if (isAsked || (isOld && this.#pace.take())) this.#marks.draw(update.state.doc.length)
    this.decorations = this.#marks.drawn
  }

  destroy(): void {
    this.#pace.stop()
    this.#awareness.off('change', this.#onChange)
    if (this.#isShown && this.#awareness.getLocalState() !== null) this.#awareness.setLocalStateField('cursor', null)
  }

  #publish(view: EditorView): void {
    if (this.#awareness.getLocalState() === null || (!view.hasFocus && !this.#isShown)) return
    this.#isShown = view.hasFocus
    const { anchor, head } = view.state.selection.main
    const at = (index: number) => Y.createRelativePositionFromTypeIndex(this.#text, index)
    const cursor = view.hasFocus ? { anchor: at(anchor), head: at(head) } : null
    // What others write elsewhere moves it on the screen, not in the text
    const known: unknown = this.#awareness.getLocalState()?.cursor ?? null
    if (JSON.stringify(cursor) !== JSON.stringify(known)) this.#awareness.setLocalStateField('cursor', cursor)
  }
}

export const remoteTheme = EditorView.baseTheme({
  '.remote-caret': {
    position: 'relative',
    borderLeft: '2px solid var(--remote)',
    marginLeft: '-1px',
    marginRight: '-1px'
  },
  '.remote-name': {
    position: 'absolute',
    left: '-2px',
    top: '-1.35em',
    padding: '0 6px',
    borderRadius: '6px 6px 6px 0',
    background: 'var(--remote)',
    color: '#fff',
    font: '600 11px/17px system-ui, sans-serif',
    whiteSpace: 'nowrap',
    pointerEvents: 'none',
    // It stands on the line above: who it is has been read by then, and the head of the note says who is here
    transition: 'opacity 0.3s',
    animation: 'remote-name 0.4s 4s forwards'
  },
  '.remote-caret:hover > .remote-name': { opacity: '1', animation: 'none' },
  '@keyframes remote-name': { to: { opacity: '0' } },
  '.remote-name:empty': { display: 'none' },
  '.remote-typed': {
    whiteSpace: 'pre-wrap',
    opacity: '0.65',
    unicodeBidi: 'isolate',
    textDecoration: 'underline dotted var(--remote)'
  },
  '.remote-range': { background: 'color-mix(in srgb, var(--remote) 34%, transparent)' },
  '.remote-0': { '--remote': '#8a3b62' },
  '.remote-1': { '--remote': '#3a5a9b' },
  '.remote-2': { '--remote': '#8a5210' },
  '.remote-3': { '--remote': '#5b4a9e' },
  '.remote-4': { '--remote': '#a03d2e' },
  '.remote-5': { '--remote': '#1f6b85' }
})
