import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type LiveTextEvents, TextListeners } from '../../crdt/spaces/index.ts'
import { type Client, type schema, systemClock } from '../../protocols/core/index.ts'
import { BackOff } from '../../protocols/streams/index.ts'
import type { OpenNote, OpenText } from '../open-note.ts'
import { mergeTexts } from './merge-texts.ts'
import { Parcel } from './parcel.ts'
import { maxUpdateBytes, tabNotesProtocol, type Up } from './protocol.ts'
import { level, levelArrived, whatArrives } from './tie-texts.ts'

const root = 't'
const fromLead = Symbol('lead')
const againFirstMs = 100
const againMaxMs = 5000

type Down = schema.Output<(typeof tabNotesProtocol)['methods']['edit']['down']>
type Present = NonNullable<Down['present']>[number]
type PlacedRun = ReturnType<OpenText['typedBy']>[number]

export interface TabNoteInit {
  readonly client: (protocol: typeof tabNotesProtocol) => Client<typeof tabNotesProtocol>
  readonly note: string
  /** Ends it with the twin of this tab */
  readonly signal: AbortSignal
}

/**
 * Opens a note through the tab that runs the peer. When another tab takes over, the text goes on with that one, with what was typed and
 * not stored. @throws {ProtocolError}
 */
export async function openTabNote(init: TabNoteInit): Promise<OpenNote> {
  const note = new TabNote(init)
  await note.opened
  return {
    live: note,
    isDirect: client => note.isDirect(client),
    onPeers: listener => note.onPeers(listener),
    close: () => note.close()
  }
}

/** A copy of the text between this tab and the one that leads, and how much of it is stored. */
interface Copy {
  readonly text: Y.Text
  /** The text without what is typed here and not stored */
  readonly stored: Y.Doc
  /** Typed here and not known to be stored, by the number of the edit */
  readonly unstored: Map<number, Uint8Array>
}

class TabNote implements OpenText {
  /** Resolves with the first text */
  readonly opened: Promise<void>
  readonly awareness = new Awareness(new Y.Doc())
  readonly #init: TabNoteInit
  readonly #closed = new AbortController()
  readonly #onPeers = new Set<() => void>()
  #copy: Copy | undefined
  /** To the tab that leads; another one each time */
  #up: Parcel<Up> | undefined
  #edits = 0
  #said: OpenText['state'] = 'saved'
  #direct = new Set<number>()
  isWritable = false
  /** Looks at the fields above */
  readonly #listeners = new TextListeners(() => this.state)

  constructor(init: TabNoteInit) {
    this.#init = init
    this.awareness.on('update', (_: unknown, origin: unknown) => {
      if (origin === 'local') this.#up?.put({ cursor: toJson(this.awareness.getLocalState()?.cursor ?? null) })
    })
    const end = () => this.close()
    init.signal.addEventListener('abort', end, { once: true })
    this.#closed.signal.addEventListener('abort', () => init.signal.removeEventListener('abort', end))
    this.opened = new Promise((resolve, reject) => {
      void this.#run(resolve, reject)
    })
  }

  get text(): Y.Text {
    return this.#copy!.text
  }

  typedBy(client: number): PlacedRun[] {
    // Written below, as the tab that leads told
    const { typed = [] } = (this.awareness.getStates().get(client) ?? {}) as { typed?: Present['typed'] }
    return typed.flatMap(({ at, text }) => {
      const place = Y.createRelativePositionFromJSON(at)
      const found = Y.createAbsolutePositionFromRelativePosition(place, this.text.doc!)
      return found === null ? [] : { index: found.index, text }
    })
  }

  get state(): OpenText['state'] {
    if (this.#copy?.unstored.size === 0) return this.#said
    return this.#said === 'unsaved' ? 'unsaved' : 'saving'
  }

  on<K extends keyof LiveTextEvents>(event: K, listener: (detail: LiveTextEvents[K]) => void): () => void {
    return this.#listeners.on(event, listener)
  }

  isDirect(client: number): boolean {
    return this.#direct.has(client)
  }

  onPeers(listener: () => void): () => void {
    this.#onPeers.add(listener)
    return () => this.#onPeers.delete(listener)
  }

  saved(): Promise<void> {
    return this.#listeners.saved()
  }

  close(): void {
    // What was typed goes out: the end of the items is behind it
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    this.awareness.destroy()
    this.#up?.end()
  }

  async #run(resolve: () => void, reject: (error: unknown) => void): Promise<void> {
    const { note } = this.#init
    const client = this.#init.client(tabNotesProtocol)
    const { signal } = this.#closed
    const backOff = new BackOff(againFirstMs, againMaxMs)
    while (!signal.aborted) {
      const up = new Parcel<Up>()
      let isJoined = false
      const known = this.#known()
      try {
        for await (const item of client.edit({ note, ...(known !== undefined && { known }) }, up.items())) {
          if (!isJoined) {
            // The first item of a session is all of the text
            if (known === undefined) this.#join(item.update!, up)
            else this.#rejoin(item.update!, up)
            isJoined = true
            backOff.reset()
          } else if (item.update !== undefined) this.#receive(item.update)
          this.#note(item)
          resolve()
        }
      } catch (error) {
        if (this.#copy === undefined) {
          this.close()
          return reject(error)
        }
      }
      this.#up = undefined
      up.end()
      if (!signal.aborted) await new Promise<void>(again => systemClock.after(backOff.next(), again))
    }
  }

  /** What goes on with the next tab that leads, unless it stands on what is not stored, or grew too large by all that was ever typed. */
  #known(): Uint8Array | undefined {
    const { stored } = this.#copy ?? {}
    if (stored === undefined || stored.store.pendingStructs !== null) return undefined
    const known = Y.encodeStateAsUpdate(stored)
    return known.length <= maxUpdateBytes ? known : undefined
  }

  #join(update: Uint8Array, up: Parcel<Up>): void {
    const before = this.#copy
    const doc = new Y.Doc()
    const stored = new Y.Doc()
    for (const each of [doc, stored]) Y.applyUpdate(each, update, fromLead)
    const copy = { text: doc.getText(root), stored, unstored: new Map<number, Uint8Array>() }
    this.#copy = copy
    this.#up = up
    doc.on('update', (edit: Uint8Array, origin: unknown) => {
      if (origin === fromLead || this.#copy !== copy) return
      copy.unstored.set(++this.#edits, edit)
      this.#up?.put({ update: edit, edits: this.#edits })
      this.#listeners.changed()
    })
    if (before === undefined) return
    const base = before.stored.getText(root).toString()
    level(copy.text, mergeTexts(base, before.text.toString(), copy.text.toString()))
    if (this.awareness.getLocalState()?.cursor != null) this.awareness.setLocalStateField('cursor', null)
    this.#listeners.tell('text', { text: copy.text })
    before.text.doc?.destroy()
    before.stored.destroy()
  }

  /** Goes on in the same document, where the editor has its undo history: with what was written meanwhile, and what is not stored yet. */
  #rejoin(update: Uint8Array, up: Parcel<Up>): void {
    const { text, stored, unstored } = this.#copy!
    const [base, mine] = [stored.getText(root).toString(), text.toString()]
    const arrived = whatArrives(text, () => this.#receive(update))
    this.#up = up
    const theirs = stored.getText(root).toString()
    if (unstored.size > 0) up.put({ update: Y.mergeUpdates([...unstored.values()]), edits: this.#edits })
    // Where that was stored already and nobody could say so, it stands there twice now
    const wanted = mergeTexts(base, mine, theirs)
    if (wanted.length !== text.length) levelArrived(text, wanted, arrived)
    up.put({ cursor: toJson(this.awareness.getLocalState()?.cursor ?? null) })
  }

  #receive(update: Uint8Array): void {
    const { text, stored } = this.#copy!
    Y.applyUpdate(text.doc!, update, fromLead)
    Y.applyUpdate(stored, update, fromLead)
  }

  #note({ state, taken, isWritable, refused, present }: Down): void {
    const { stored, unstored } = this.#copy!
    this.#said = state ?? this.#said
    this.isWritable = isWritable ?? this.isWritable
    if (this.#said === 'saved' && taken !== undefined) {
      for (const [number, edit] of unstored) {
        if (number > taken) continue
        Y.applyUpdate(stored, edit)
        unstored.delete(number)
      }
    }
    if (refused !== undefined) this.#listeners.tell('refused', { reason: refused })
    if (present !== undefined) this.#show(present)
    this.#listeners.changed()
  }

  #show(present: readonly Present[]): void {
    const { states, meta, clientID } = this.awareness
    const known = new Set([...states.keys()].filter(client => client !== clientID))
    const change = { added: [] as number[], updated: [] as number[], removed: [] as number[] }
    for (const { client, user, cursor, typed } of present) {
      ;(known.delete(client) ? change.updated : change.added).push(client)
      states.set(client, { user, cursor, ...(typed !== undefined && { typed }) })
      meta.set(client, { clock: (meta.get(client)?.clock ?? 0) + 1, lastUpdated: Date.now() })
    }
    for (const client of known) {
      states.delete(client)
      change.removed.push(client)
    }
    this.awareness.emit('change', [change, 'remote'])
    this.#direct = new Set(present.filter(({ isDirect }) => isDirect).map(({ client }) => client))
    for (const listener of [...this.#onPeers]) listener()
  }
}

/** Yjs has objects of its own classes in the places of a cursor. */
function toJson(cursor: unknown): Up['cursor'] {
  return JSON.parse(JSON.stringify(cursor)) as Up['cursor']
}
