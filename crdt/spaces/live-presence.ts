import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { twinToText } from '../identity/index.ts'
import type { LogId } from '../log/index.ts'
import type { FreshPresence } from './presence-table.ts'
import { type PresenceState, readPresence, writePresence } from './presence-update.ts'
import { TypedLapse } from './typed-lapse.ts'
import { type PlacedRun, placeTypedRun, readTypedRuns, type TypedRun, typedRuns } from './typed-runs.ts'

/** Milliseconds between two messages about the own cursor and what is typed there; the last one always goes out. */
const pauseMs = 25
/** Milliseconds for which others are told what was typed: it has arrived by then, or waits for more than a disk. */
const typedMs = 3000
/** Addresses that are taken of one device, and characters of each. */
const maxAddresses = 8
const maxAddressLength = 512

/** What an editor finds of somebody else in the awareness. */
export interface ShownPresence {
  readonly user: { readonly name: string; readonly color: string; readonly colorLight: string }
  readonly cursor: object | null
  /** What was typed there: to be shown until it has arrived in the text */
  readonly typed: readonly TypedRun[]
  /** Whose cursor it is, by membership and device list */
  readonly author: { readonly twin: string; readonly device: number }
  /** Where that device says it can be reached: to be proved by whoever answers there */
  readonly at: readonly string[]
}

export interface PresenceChannel {
  send(bytes: Uint8Array): void
  /** Who is there already, and how to hear of more */
  known(): readonly FreshPresence[]
  listen(listener: (presence: FreshPresence) => void): () => void
  /** Whether a device may write the document */
  mayWrite(author: LogId): boolean
  /** Whether a top-level type of this name is one of the document */
  isRoot(name: string): boolean
}

export interface LivePresenceInit {
  readonly channel: PresenceChannel
  readonly client: number
  readonly text: Y.Text
  readonly nameOf?: (author: LogId) => string
}

/** Its timer renews the own state. Where timers can hold a process (Node), an editor that was left open must not. */
function letProcessEnd({ _checkInterval: timer }: Awareness): void {
  const held: unknown = timer
  if (typeof held === 'object' && held !== null && 'unref' in held && typeof held.unref === 'function') held.unref()
}

/**
 * Cursors of one document for an editor, and what is being typed there: that is shown before it is stored and has arrived, and is no part
 * of the document until then. Of what others say only this and where they can be reached is taken; names and colours are ours.
 */
export class LivePresence {
  readonly awareness: Awareness
  readonly #init: LivePresenceInit
  readonly #unlisten: () => void
  #text: Y.Text
  /** Own clock before each of the last edits */
  #marks: { readonly at: number; readonly clock: number }[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #sentAt = 0
  #typedAt = 0
  #isTyped = false
  #isOwed = false
  /** Editors look again */
  readonly #lapse = new TypedLapse(client => {
    this.awareness.emit('change', [{ added: [], updated: [client], removed: [] }, 'lapsed'])
  })

  constructor(init: LivePresenceInit) {
    this.#init = init
    this.#text = init.text
    this.#text.observe(this.#written)
    // A document of its own, so that it outlives one that is void
    const doc = new Y.Doc()
    doc.clientID = init.client
    this.awareness = new Awareness(doc)
    letProcessEnd(this.awareness)
    // The client id is that of the device: its clock must not begin anew after a restart
    this.awareness.meta.set(init.client, { clock: Date.now(), lastUpdated: Date.now() })
    this.awareness.on('update', (_: unknown, origin: unknown) => {
      if (origin === 'local') this.#send()
    })
    this.#unlisten = init.channel.listen(presence => this.#receive(presence))
    for (const presence of init.channel.known()) this.#receive(presence)
  }

  /** What a device said that it types and has not arrived, and where: for a moment only. */
  typedBy(client: number): readonly PlacedRun[] {
    if (client === this.#init.client) return []
    // Written below, of others
    const { typed = [] } = (this.awareness.getStates().get(client) ?? {}) as Partial<ShownPresence>
    const placed = typed.flatMap(run => placeTypedRun(this.#text, client, run) ?? [])
    if (placed.length === 0) return placed
    return this.#lapse.mayShow(client, Y.getState(this.#text.doc!.store, client)) ? placed : []
  }

  /** Whether all that a transaction did is said in the next message: letters, and nothing deleted. */
  shows({ changed, deleteSet }: Y.Transaction): boolean {
    if (this.awareness.getLocalState()?.cursor == null || deleteSet.clients.size > 0) return false
    for (const type of changed.keys()) if (!Object.is(type, this.#text)) return false
    return this.#typed().length > 0
  }

  /** Places in a text that is gone mean nothing. */
  textReplaced(text: Y.Text): void {
    this.#text.unobserve(this.#written)
    this.#text = text
    this.#marks = []
    text.observe(this.#written)
    if (this.awareness.getLocalState()?.cursor != null) this.awareness.setLocalStateField('cursor', null)
  }

  close(): void {
    this.#unlisten()
    this.#text.unobserve(this.#written)
    this.awareness.setLocalState(null)
    clearTimeout(this.#timer)
    this.#lapse.stop()
    this.#isOwed = false
    this.#init.channel.send(encodeAwarenessUpdate(this.awareness, [this.#init.client]))
    this.awareness.destroy()
    this.awareness.doc.destroy()
  }

  readonly #written = (_: unknown, { local, beforeState }: Y.Transaction) => {
    if (!local) return
    const [last, now] = [this.#marks.at(-1), Date.now()]
    if (last === undefined || now >= last.at + pauseMs) {
      this.#forget(now)
      this.#marks.push({ at: now, clock: beforeState.get(this.#init.client) ?? 0 })
    }
    const state = this.awareness.getLocalState()
    if (state?.cursor == null) return
    this.#isTyped = true
    // The same state with a new clock
    this.awareness.setLocalState(state)
  }

  #forget(now: number): void {
    this.#marks = this.#marks.filter(({ at }) => at >= now - typedMs)
  }

  #typed(): TypedRun[] {
    this.#forget(Date.now())
    const [first] = this.#marks
    return first === undefined ? [] : typedRuns(this.#text, this.#init.client, first.clock)
  }

  /** Once for all of this turn, and within it: a letter is on its way before its entry is made, and before the own screen is drawn. */
  #send(): void {
    // A cursor that moved just now holds up no letter
    const early = (this.#isTyped ? this.#typedAt : this.#sentAt) + pauseMs - Date.now()
    if (this.#isOwed && early > 0) return
    this.#isOwed = true
    clearTimeout(this.#timer)
    if (early <= 0) queueMicrotask(() => this.#flush())
    else this.#timer = setTimeout(() => this.#flush(), early)
  }

  #flush(): void {
    if (!this.#isOwed) return
    this.#isOwed = false
    this.#sentAt = Date.now()
    if (this.#isTyped) this.#typedAt = this.#sentAt
    this.#isTyped = false
    const { channel, client } = this.#init
    const state = this.awareness.getLocalState()
    const { clock } = this.awareness.meta.get(client)!
    channel.send(writePresence([{ client, clock, state: state && { ...state, typed: this.#typed() } }]))
  }

  #receive({ author, bytes }: FreshPresence): void {
    const states = readPresence(bytes).map(({ client, clock, state }) => ({
      client,
      clock,
      state: state === null ? null : this.#toShown(author, client, state)
    }))
    applyAwarenessUpdate(this.awareness, writePresence(states), 'remote')
  }

  #toShown(author: LogId, client: number, state: NonNullable<PresenceState['state']>): PresenceState['state'] {
    const { cursor, typed, at } = state
    const shown: ShownPresence = {
      user: { name: this.#init.nameOf?.(author) ?? '', ...coloursOf(client) },
      cursor: this.#toCursor(cursor),
      typed: this.#init.channel.mayWrite(author) ? readTypedRuns(typed) : [],
      author: { twin: twinToText(author.twin), device: author.device },
      at: toAddresses(at)
    }
    return { ...shown }
  }

  #toCursor(value: unknown): object | null {
    if (typeof value !== 'object' || value === null) return null
    const { anchor, head } = value as { anchor?: unknown; head?: unknown }
    const from = this.#toPlace(anchor)
    const to = this.#toPlace(head)
    return from === undefined || to === undefined ? null : { anchor: from, head: to }
  }

  /** A relative position as Yjs writes it in JSON; it would make a top-level type of any name, and throw on other numbers. */
  #toPlace(value: unknown): object | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const { type, tname, item, assoc } = value as Record<string, unknown>
    const ids = { type: toId(type), item: toId(item) }
    if (ids.type === undefined || ids.item === undefined) return undefined
    if (tname != null && (typeof tname !== 'string' || !this.#init.channel.isRoot(tname))) return undefined
    return { ...ids, tname: tname ?? null, assoc: assoc === -1 ? -1 : 0 }
  }
}

function toAddresses(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  const texts = value.slice(0, maxAddresses).filter(text => typeof text === 'string' && text.length <= maxAddressLength)
  // Checked above, one by one
  return texts as string[]
}

/** CSS colours of the cursor and of what is selected: for each their own, the same everywhere. */
function coloursOf(client: number): { color: string; colorLight: string } {
  const hue = Math.round((Math.floor(client / 2 ** 16) * 137.5 + (client % 2 ** 16) * 20) % 360)
  return { color: `hsl(${hue} 65% 45%)`, colorLight: `hsl(${hue} 65% 45% / 0.25)` }
}

/** Undefined for what is no id, null for none. */
function toId(value: unknown): { client: number; clock: number } | null | undefined {
  if (value == null) return null
  const { client, clock } = value as Record<string, unknown>
  return isClock(client) && isClock(clock) ? { client, clock } : undefined
}

function isClock(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
