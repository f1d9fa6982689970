import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { LiveTextEvents } from '../../crdt/spaces/index.ts'
import { type Client, type schema, systemClock } from '../../protocols/core/index.ts'
import { BackOff } from '../../protocols/streams/index.ts'
import type { OpenNote, OpenText } from '../open-note.ts'
import { mergeTexts } from './merge-texts.ts'
import { Parcel } from './parcel.ts'
import { tabNotesProtocol, type Up } from './protocol.ts'
import { level } from './tie-texts.ts'

const root = 't'
const fromLead = Symbol('lead')
const againFirstMs = 100
const againMaxMs = 5000

type Down = schema.Output<(typeof tabNotesProtocol)['methods']['edit']['down']>

export interface TabNoteInit {
  readonly client: (protocol: typeof tabNotesProtocol) => Client<typeof tabNotesProtocol>
  readonly note: string
  /** Ends it with the twin of this tab */
  readonly signal: AbortSignal
}

/**
 * Opens a note through the tab that runs the peer. When another tab takes over, what was typed and not stored is written into the
 * text that this one has. @throws {ProtocolError}
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

type Listeners = { [K in keyof LiveTextEvents]: Set<(detail: LiveTextEvents[K]) => void> }

class TabNote implements OpenText {
  /** Resolves with the first text */
  readonly opened: Promise<void>
  readonly awareness = new Awareness(new Y.Doc())
  readonly #init: TabNoteInit
  readonly #closed = new AbortController()
  readonly #listeners: Listeners = { text: new Set(), state: new Set(), refused: new Set() }
  readonly #onPeers = new Set<() => void>()
  #copy: Copy | undefined
  /** To the tab that leads; another one each time */
  #up: Parcel<Up> | undefined
  #edits = 0
  #said: OpenText['state'] = 'saved'
  #told: OpenText['state'] = 'saved'
  #direct = new Set<number>()
  isWritable = false

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

  get state(): OpenText['state'] {
    if (this.#copy?.unstored.size === 0) return this.#said
    return this.#said === 'unsaved' ? 'unsaved' : 'saving'
  }

  on<K extends keyof LiveTextEvents>(event: K, listener: (detail: LiveTextEvents[K]) => void): () => void {
    this.#listeners[event].add(listener)
    return () => this.#listeners[event].delete(listener)
  }

  isDirect(client: number): boolean {
    return this.#direct.has(client)
  }

  onPeers(listener: () => void): () => void {
    this.#onPeers.add(listener)
    return () => this.#onPeers.delete(listener)
  }

  saved(): Promise<void> {
    if (this.state === 'saved') return Promise.resolve()
    return new Promise(resolve => {
      const stop = this.on('state', ({ state }) => {
        if (state !== 'saved') return
        stop()
        resolve()
      })
    })
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
      try {
        for await (const item of client.edit({ note }, up.items())) {
          if (!isJoined) {
            // The first item of a session is all of the text
            this.#join(item.update!, up)
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
      this.#changed()
    })
    if (before === undefined) return
    const base = before.stored.getText(root).toString()
    level(copy.text, mergeTexts(base, before.text.toString(), copy.text.toString()))
    if (this.awareness.getLocalState()?.cursor != null) this.awareness.setLocalStateField('cursor', null)
    this.#tell('text', { text: copy.text })
    before.text.doc?.destroy()
    before.stored.destroy()
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
    if (refused !== undefined) this.#tell('refused', { reason: refused })
    if (present !== undefined) this.#show(present)
    this.#changed()
  }

  #show(present: NonNullable<Down['present']>): void {
    const { states, meta, clientID } = this.awareness
    const known = new Set([...states.keys()].filter(client => client !== clientID))
    const change = { added: [] as number[], updated: [] as number[], removed: [] as number[] }
    for (const { client, user, cursor } of present) {
      ;(known.delete(client) ? change.updated : change.added).push(client)
      states.set(client, { user, cursor })
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

  #changed(): void {
    const { state } = this
    if (state === this.#told) return
    this.#told = state
    this.#tell('state', { state })
  }

  #tell<K extends keyof LiveTextEvents>(event: K, detail: LiveTextEvents[K]): void {
    for (const listener of [...this.#listeners[event]]) listener(detail)
  }
}

/** Yjs has objects of its own classes in the places of a cursor. */
function toJson(cursor: unknown): Up['cursor'] {
  return JSON.parse(JSON.stringify(cursor)) as Up['cursor']
}
