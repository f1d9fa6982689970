import { type ChangeDesc, type Range, RangeSet } from '@codemirror/state'
import { Decoration, type DecorationSet } from '@codemirror/view'
import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { EditedText } from './editor.ts'
import { Caret, Typed } from './remote-widgets.ts'

type PlacedRun = ReturnType<EditedText['typedBy']>[number]

/** Colours are ours, by number: what a peer says of colours never reaches a style. */
const colourCount = 6
const longestName = 40
/** Devices that are drawn, and of one twin: a place costs a walk through the text, and a twin may list a thousand devices. */
const maxDevices = 16
const maxOfTwin = 2
/** Client ids have the number of the twin above that of the device. */
const devicesOfTwin = 2 ** 16

/** What is drawn of a device */
interface Shown {
  readonly marks: DecorationSet
  readonly caret?: Caret
  /** Undefined once the text has changed around it */
  readonly place?: Place
}

/** Where the others are and what they type. Only what may have changed is looked up again. */
export class RemoteMarks {
  drawn: DecorationSet = Decoration.none
  readonly #text: Y.Text
  readonly #awareness: Awareness
  readonly #typedBy: EditedText['typedBy']
  readonly #byClient = new Map<number, Shown>()
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

  /** Shows what is typed at carets that stand where they did, and touches nothing else. Whether that was all there is to be drawn. */
  retype(length: number): boolean {
    for (const client of this.#old) if (this.#isRetyped(client, length)) this.#old.delete(client)
    return this.#old.size === 0
  }

  /** Moves everything with the text. Whether there is something to be drawn: what others wrote may be what they were typing. */
  edited(changes: ChangeDesc, isOwn: boolean): boolean {
    for (const [client, { marks, caret }] of this.#byClient) {
      const moved = marks.map(changes)
      // Those in what was deleted stand at its place
      if (moved.size < marks.size || (!isOwn && this.#waiting.has(client))) this.#old.add(client)
      this.#byClient.set(client, { marks: moved, caret })
    }
    this.#join()
    return this.#old.size > 0
  }

  draw(length: number): DecorationSet {
    const shown = this.#shown()
    for (const client of this.#byClient.keys()) if (!shown.has(client)) this.#byClient.delete(client)
    for (const [client, state] of shown) {
      if (this.#byClient.has(client) && !this.#old.has(client)) continue
      this.#byClient.set(client, this.#draw(this.#lookUp(client, state, length), this.#byClient.get(client)?.caret))
    }
    this.#old.clear()
    this.#join()
    return this.drawn
  }

  #join(): void {
    this.drawn = RangeSet.join(Array.from(this.#byClient.values(), ({ marks }) => marks))
  }

  /** Whether all that is new about a device is what it types at its caret, which is shown then. */
  #isRetyped(client: number, length: number): boolean {
    const shown = this.#byClient.get(client)
    const state = this.#awareness.getStates().get(client)
    if (shown?.place === undefined || state === undefined) return false
    const { caret, place } = shown
    const now = this.#lookUp(client, state, length)
    const isThere = place.anchor === now.place?.anchor && place.head === now.place.head
    if (caret === undefined || !isThere || now.apart.length > 0 || !caret.isOf(now.name, now.colour)) return false
    caret.type(now.typed)
    return true
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

  #lookUp(client: number, state: Record<string, unknown>, length: number): Found {
    const { cursor, typed: said, user } = state as { cursor?: unknown; typed?: unknown; user?: { name?: unknown } }
    const place = readCursor(cursor, this.#text, length)
    const isWaiting = (Array.isArray(said) && said.length > 0) || (cursor != null && place === undefined)
    if (isWaiting) this.#waiting.add(client)
    else this.#waiting.delete(client)
    const apart: PlacedRun[] = []
    let typed = ''
    for (const run of this.#typedBy(client)) {
      const index = Math.min(run.index, length)
      if (typed === '' && index === place?.head) typed = run.text
      else apart.push({ index, text: run.text })
    }
    const name = typeof user?.name === 'string' ? user.name.slice(0, longestName) : ''
    return { name, colour: client % colourCount, place, typed, apart }
  }

  #draw({ name, colour, place, typed, apart }: Found, before?: Caret): Shown {
    const marks: Range<Decoration>[] = []
    for (const { index, text } of apart) {
      marks.push(Decoration.widget({ widget: new Typed(text, name, colour), side: 1 }).range(index))
    }
    if (place === undefined) return { marks: Decoration.set(marks, true) }
    const { anchor, head } = place
    const [from, to] = anchor < head ? [anchor, head] : [head, anchor]
    if (from < to) marks.push(Decoration.mark({ class: `remote-range remote-${colour}` }).range(from, to))
    const caret = before?.isOf(name, colour) === true ? before : new Caret(name, colour)
    caret.type(typed)
    marks.push(Decoration.widget({ widget: caret, side: 2 }).range(head))
    // What stands elsewhere is drawn with all the rest
    return { marks: Decoration.set(marks, true), caret, place: apart.length > 0 ? undefined : place }
  }
}

interface Place {
  readonly anchor: number
  readonly head: number
}

interface Found {
  readonly name: string
  readonly colour: number
  readonly place: Place | undefined
  /** At the caret … */
  readonly typed: string
  /** … and elsewhere */
  readonly apart: readonly PlacedRun[]
}

/** Whatever another device says may be anything. */
function readCursor(value: unknown, text: Y.Text, length: number): Place | undefined {
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
