import * as Y from 'yjs'
import type { OpenNote } from '../open-note.ts'
import { Parcel } from './parcel.ts'
import type { Down, Up } from './protocol.ts'
import { level, tieTexts } from './tie-texts.ts'

const root = 't'
const fromTab = Symbol('tab')

type Cursor = { readonly anchor: unknown; readonly head: unknown } | null

/** A note that is open here, for an editor in another tab: the text in a document between the two, kept like the note at every turn. */
export class LeadNote {
  readonly down = new Parcel<Down>()
  readonly #note: OpenNote
  readonly #text: Y.Text
  readonly #stops: (() => void)[] = []
  #untie = () => {}
  #edits = 0
  /** What this tab set as the cursor of the device */
  #cursor: object | null = null

  /** @param known what the other tab has of it already */
  constructor(note: OpenNote, known?: Uint8Array) {
    this.#note = note
    const { live } = note
    const doc = new Y.Doc()
    this.#text = doc.getText(root)
    // A tab of the same origin, which runs the same code
    if (known !== undefined) Y.applyUpdate(doc, known)
    this.#tie()
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== fromTab) this.down.put({ update })
    })
    const tell = () => this.#tellPresent()
    this.#text.observe(tell)
    live.awareness.on('change', tell)
    this.#stops.push(
      live.on('text', () => this.#tie()),
      live.on('state', () => this.#tellState()),
      live.on('refused', ({ reason }) => this.down.put({ refused: reason.slice(0, 512) })),
      note.onPeers(tell),
      () => live.awareness.off('change', tell),
      () => this.#untie(),
      () => doc.destroy(),
      () => this.down.end()
    )
    this.down.put({ update: Y.encodeStateAsUpdate(doc) })
    this.#tellState()
    tell()
  }

  take({ update, edits = this.#edits, cursor }: Up): void {
    if (update !== undefined) this.#write(update)
    this.#edits = edits
    // JSON of the same code in another tab
    if (cursor !== undefined) this.#point(cursor as Cursor)
    this.#tellState()
  }

  close(): void {
    const { awareness } = this.#note.live
    if (this.#cursor !== null && awareness.getLocalState()?.cursor === this.#cursor) {
      awareness.setLocalStateField('cursor', null)
    }
    for (const stop of this.#stops.splice(0)) stop()
    this.#note.close()
  }

  /** Ties the text that the note is now; what was typed is in it. */
  #tie(): void {
    const { text } = this.#note.live
    this.#untie()
    level(this.#text, text.toString())
    this.#untie = tieTexts(text, this.#text)
  }

  #write(update: Uint8Array): void {
    const { isWritable } = this.#note.live
    if (!isWritable) this.#untie()
    Y.applyUpdate(this.#text.doc!, update, fromTab)
    if (!isWritable) this.#tie()
  }

  #point(cursor: Cursor): void {
    const { text, awareness } = this.#note.live
    const shown = cursor === null ? null : moveCursor(cursor, this.#text, text)
    if (shown === null && this.#cursor === null) return
    this.#cursor = shown
    awareness.setLocalStateField('cursor', shown)
  }

  #tellState(): void {
    const { state, isWritable } = this.#note.live
    this.down.put({ state, isWritable, taken: this.#edits })
  }

  #tellPresent(): void {
    const { live } = this.#note
    const { text, awareness } = live
    const present = [...awareness.getStates()].flatMap(([client, { user, cursor }]) => {
      if (client === awareness.clientID || user === undefined) return []
      const shown = cursor == null ? null : moveCursor(cursor, text, this.#text)
      const typed = live
        .typedBy(client)
        .filter(({ index }) => index <= this.#text.length)
        .map(({ index, text }) => ({ at: placeIn(this.#text, index), text }))
      const isDirect = this.#note.isDirect(client)
      return [{ client, user, cursor: shown, isDirect, ...(typed.length > 0 && { typed }) }]
    })
    this.down.put({ present })
  }
}

/** The same places in a text that reads the same; null where they are not there yet. */
function moveCursor(
  { anchor, head }: NonNullable<Cursor>,
  from: Y.Text,
  to: Y.Text
): { anchor: Json; head: Json } | null {
  const move = (place: unknown) => {
    const found = Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(place), from.doc!)
    return found?.type !== from || found.index > to.length ? undefined : placeIn(to, found.index)
  }
  const [one, other] = [move(anchor), move(head)]
  return one === undefined || other === undefined ? null : { anchor: one, head: other }
}

function placeIn(text: Y.Text, index: number): Json {
  // Yjs leaves objects of its classes in what it calls JSON
  return JSON.parse(JSON.stringify(Y.createRelativePositionFromTypeIndex(text, index))) as Json
}

type Json = { [key: string]: Json | string | number | null }
