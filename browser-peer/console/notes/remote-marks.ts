import { type ChangeDesc, type Range, RangeSet } from '@codemirror/state'
import { Decoration, type DecorationSet } from '@codemirror/view'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { EditedText } from './editor.ts'
import { Caret, Typed } from './remote-widgets.ts'

/** Colours are ours, by number: what a peer says of colours never reaches a style. */
const colourCount = 6
const longestName = 40
/** Devices that are drawn, and of one twin: a place costs a walk through the text, and a twin may list a thousand devices. */
const maxDevices = 16
const maxOfTwin = 2
/** Client ids have the number of the twin above that of the device. */
const devicesOfTwin = 2 ** 16

/** Where the others are and what they type. Only what may have changed is looked up again. */
export class RemoteMarks {
  drawn: DecorationSet = Decoration.none
  readonly #text: Y.Text
  readonly #awareness: Awareness
  readonly #typedBy: EditedText['typedBy']
  readonly #byClient = new Map<number, DecorationSet>()
  readonly #old = new Set<number>()
  /** Those who show what has not arrived, or stand where nothing has */
  readonly #waiting = new Set<number>()

  constructor(text: Y.Text, awareness: Awareness, typedBy: EditedText['typedBy']) {
    this.#text = text
    this.#awareness = awareness
    this.#typedBy = typedBy
  }

  /** Whether there is something to be drawn. */
  changed(clients: readonly number[]): boolean {
    for (const client of clients) this.#old.add(client)
    return clients.length > 0
  }

  /** Moves everything with the text. Whether there is something to be drawn: what others wrote may be what they were typing. */
  edited(changes: ChangeDesc, isOwn: boolean): boolean {
    for (const [client, marks] of this.#byClient) {
      const moved = marks.map(changes)
      // Those in what was deleted stand at its place
      if (moved.size < marks.size || (!isOwn && this.#waiting.has(client))) this.#old.add(client)
      this.#byClient.set(client, moved)
    }
    this.drawn = RangeSet.join([...this.#byClient.values()])
    return this.#old.size > 0
  }

  draw(length: number): DecorationSet {
    const shown = this.#shown()
    for (const client of this.#byClient.keys()) if (!shown.has(client)) this.#byClient.delete(client)
    for (const [client, state] of shown) {
      if (this.#byClient.has(client) && !this.#old.has(client)) continue
      this.#byClient.set(client, Decoration.set(this.#marksOf(client, state, length), true))
    }
    this.#old.clear()
    this.drawn = RangeSet.join([...this.#byClient.values()])
    return this.drawn
  }

  #shown(): Map<number, Record<string, unknown>> {
    const shown = new Map<number, Record<string, unknown>>()
    const ofTwin = new Map<number, number>()
    for (const [client, state] of this.#awareness.getStates()) {
      const twin = Math.floor(client / devicesOfTwin)
      const count = ofTwin.get(twin) ?? 0
      if (client === this.#awareness.clientID || count >= maxOfTwin) continue
      ofTwin.set(twin, count + 1)
      shown.set(client, state)
      if (shown.size >= maxDevices) break
    }
    return shown
  }

  #marksOf(client: number, state: Record<string, unknown>, length: number): Range<Decoration>[] {
    const { cursor, typed, user } = state as { cursor?: unknown; typed?: unknown; user?: { name?: unknown } }
    const name = typeof user?.name === 'string' ? user.name.slice(0, longestName) : ''
    const colour = client % colourCount
    const marks: Range<Decoration>[] = []
    for (const { index, text } of this.#typedBy(client)) {
      marks.push(Decoration.widget({ widget: new Typed(text, name, colour), side: 1 }).range(Math.min(index, length)))
    }
    const place = readCursor(cursor, this.#text, length)
    const isWaiting = (Array.isArray(typed) && typed.length > 0) || (cursor != null && place === undefined)
    if (isWaiting) this.#waiting.add(client)
    else this.#waiting.delete(client)
    if (place === undefined) return marks
    const { anchor, head } = place
    const [from, to] = anchor < head ? [anchor, head] : [head, anchor]
    if (from < to) marks.push(Decoration.mark({ class: `remote-range remote-${colour}` }).range(from, to))
    marks.push(Decoration.widget({ widget: new Caret(name, colour), side: 2 }).range(head))
    return marks
  }
}

interface Cursor {
  readonly anchor: number
  readonly head: number
}

/** Whatever another device says may be anything. */
function readCursor(value: unknown, text: Y.Text, length: number): Cursor | undefined {
  if (typeof value !== 'object' || value === null || text.doc === null) return undefined
  const cursor = value as { anchor?: unknown; head?: unknown }
  try {
    const place = (position: unknown) => {
      const found = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(position), text.doc!)
      return found?.type === text ? Math.min(found.index, length) : undefined
    }
    const [anchor, head] = [place(cursor.anchor), place(cursor.head)]
    return anchor === undefined || head === undefined ? undefined : { anchor, head }
  } catch {
    return undefined
  }
}
