import { Annotation, type Extension, type Range } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from '@codemirror/view'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { EditedText } from './editor.ts'

/** Colours are ours, by number: what a peer says of colours never reaches a style. */
const colourCount = 6
const longestName = 40
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
  readonly #typedBy: TypedBy
  /** The cursor of this device may stand in another tab: it is taken away by the editor that set it, once */
  #isShown = false
  readonly #onChange: (change: { added: number[]; updated: number[]; removed: number[] }) => void

  constructor(view: EditorView, text: Y.Text, awareness: Awareness, typedBy: TypedBy) {
    this.#text = text
    this.#typedBy = typedBy
    this.#awareness = awareness
    this.#onChange = ({ added, updated, removed }) => {
      const isOthers = [...added, ...updated, ...removed].some(client => client !== awareness.clientID)
      if (isOthers) view.dispatch({ annotations: [moved.of(true)] })
    }
    awareness.on('change', this.#onChange)
    this.decorations = this.#draw(view)
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.#publish(update.view)
    this.decorations = this.#draw(update.view)
  }

  destroy(): void {
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

  #draw(view: EditorView): DecorationSet {
    const ranges: Range<Decoration>[] = []
    const { length } = view.state.doc
    for (const [client, state] of this.#awareness.getStates()) {
      if (client === this.#awareness.clientID) continue
      const colour = client % colourCount
      for (const { index, text } of this.#typedBy(client)) {
        ranges.push(Decoration.widget({ widget: new Typed(text), side: 1 }).range(Math.min(index, length)))
      }
      const cursor = readCursor(state, this.#text, length)
      if (cursor === undefined) continue
      const { anchor, head, name } = cursor
      const [from, to] = anchor < head ? [anchor, head] : [head, anchor]
      if (from < to) ranges.push(Decoration.mark({ class: `remote-range remote-${colour}` }).range(from, to))
      ranges.push(Decoration.widget({ widget: new Caret(name, colour), side: 2 }).range(head))
    }
    return Decoration.set(ranges, true)
  }
}

/** What somebody types, until it is in the text. */
class Typed extends WidgetType {
  readonly #text: string

  constructor(text: string) {
    super()
    this.#text = text
  }

  override eq(other: Typed): boolean {
    return other.#text === this.#text
  }

  override toDOM(): HTMLElement {
    const typed = document.createElement('span')
    typed.className = 'remote-typed'
    typed.textContent = this.#text
    return typed
  }

  override ignoreEvent(): boolean {
    return true
  }
}

class Caret extends WidgetType {
  readonly #name: string
  readonly #colour: number

  constructor(name: string, colour: number) {
    super()
    this.#name = name
    this.#colour = colour
  }

  override eq(other: Caret): boolean {
    return other.#name === this.#name && other.#colour === this.#colour
  }

  override toDOM(): HTMLElement {
    const caret = document.createElement('span')
    caret.className = `remote-caret remote-${this.#colour}`
    const label = document.createElement('span')
    label.className = 'remote-name'
    label.textContent = this.#name
    caret.append(label)
    return caret
  }

  override ignoreEvent(): boolean {
    return true
  }
}

interface Cursor {
  readonly anchor: number
  readonly head: number
  readonly name: string
}

/** Whatever another device says may be anything. */
function readCursor(state: Record<string, unknown>, text: Y.Text, length: number): Cursor | undefined {
  const { cursor, user } = state as { cursor?: { anchor?: unknown; head?: unknown }; user?: { name?: unknown } }
  if (typeof cursor !== 'object' || cursor === null || text.doc === null) return undefined
  try {
    const place = (position: unknown) => {
      const found = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(position), text.doc!)
      return found?.type === text ? Math.min(found.index, length) : undefined
    }
    const [anchor, head] = [place(cursor.anchor), place(cursor.head)]
    if (anchor === undefined || head === undefined) return undefined
    return { anchor, head, name: typeof user?.name === 'string' ? user.name.slice(0, longestName) : '' }
  } catch {
    return undefined
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
  '.remote-typed': { whiteSpace: 'pre-wrap', opacity: '0.65' },
  '.remote-range': { background: 'color-mix(in srgb, var(--remote) 34%, transparent)' },
  '.remote-0': { '--remote': '#8a3b62' },
  '.remote-1': { '--remote': '#3a5a9b' },
  '.remote-2': { '--remote': '#8a5210' },
  '.remote-3': { '--remote': '#5b4a9e' },
  '.remote-4': { '--remote': '#a03d2e' },
  '.remote-5': { '--remote': '#1f6b85' }
})
