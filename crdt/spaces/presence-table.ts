import { equals } from 'uint8arrays/equals'
import { clientId, isSameLog, type LogId } from '../log/index.ts'
import { type PresenceState, readPresence, writePresence } from './presence-update.ts'
import type { SpaceContext } from './space-context.ts'

/** As long as y-protocols keeps somebody who says nothing more (ms). */
const lapseMs = 30_000
/** Documents in which one device may be present at once. */
const maxDocuments = 32
/** Devices times documents, over all of a space. */
const maxKnown = 4096
/** Messages of one device, in all its documents: at once, and then each second. */
const burst = 120
const perSecond = 40

/** Presence that was not known yet, by whom it is about. */
export interface FreshPresence {
  readonly author: LogId
  readonly bytes: Uint8Array
}

/** What is passed on: presence of the own twin to all members, that of others to the own devices. */
export interface RelayedPresence {
  readonly ownOnly: boolean
  readonly bytes: Uint8Array
}

interface Known extends PresenceState {
  readonly author: LogId
  readonly at: number
  /** It came from that device itself */
  readonly isDirect: boolean
}

interface Allowance {
  left: number
  at: number
}

/**
 * Who is present in the documents of a space. A device speaks for itself, and devices of one twin pass on what the others say; of
 * another twin only that twin's own devices are believed, so nobody moves somebody else's cursor.
 */
export class PresenceTable {
  readonly #context: SpaceContext
  readonly #documents = new Map<string, Map<number, Known>>()
  readonly #allowances = new Map<number, Allowance>()

  constructor(context: SpaceContext) {
    this.#context = context
  }

  /** Takes what a device sent; what was known, is not theirs to say or too much of it is left out. */
  receive(document: string, bytes: Uint8Array, from: LogId): { fresh: FreshPresence[]; relayed: RelayedPresence[] } {
    const { me } = this.#context
    this.#forget()
    const isOwn = equals(from.twin, me.twin)
    const fresh: Known[] = []
    for (const state of readPresence(bytes)) {
      const author = this.#authorOf(state.client)
      const isTheirs = author !== undefined && (isOwn || equals(author.twin, from.twin))
      if (!isTheirs || !this.#isNew(document, state) || !this.#isAllowed(state.client)) continue
      const known = { ...state, author, at: this.#context.clock(), isDirect: isSameLog(author, from) }
      if (this.#note(document, known)) fresh.push(known)
    }
    const ofOthers = fresh.filter(({ author }) => !equals(author.twin, me.twin))
    const ofOwn = fresh.filter(({ author }) => equals(author.twin, me.twin))
    const relayed: RelayedPresence[] = []
    if (ofOthers.length > 0) relayed.push({ ownOnly: true, bytes: writePresence(ofOthers) })
    if (ofOwn.length > 0) relayed.push({ ownOnly: false, bytes: writePresence(ofOwn) })
    return { fresh: fresh.map(toFresh), relayed }
  }

  /** What this device says of itself. */
  said(document: string, bytes: Uint8Array): void {
    this.#forget()
    const { me, clock } = this.#context
    const author = { twin: me.twin, device: me.device }
    for (const state of readPresence(bytes)) this.#note(document, { ...state, author, at: clock(), isDirect: true })
  }

  /**
   * The other devices that are in a document, if each of them tells of itself without others between; undefined if one does not, or if
   * what is to be told has somebody leave.
   */
  near(document: string, states: readonly PresenceState[]): LogId[] | undefined {
    if (states.some(({ state }) => state === null)) return undefined
    const about = new Set(states.map(({ client }) => client))
    const { me } = this.#context
    const others = [...(this.#documents.get(document)?.values() ?? [])].filter(
      ({ client, state, author }) => state !== null && !about.has(client) && !isSameLog(author, me)
    )
    return others.every(({ isDirect }) => isDirect) ? others.map(({ author }) => author) : undefined
  }

  /** Whether this device itself is in a document. */
  isHere(document: string): boolean {
    const { me } = this.#context
    const known = [...(this.#documents.get(document)?.values() ?? [])]
    return known.some(({ state, author }) => state !== null && isSameLog(author, me))
  }

  /** Whether somebody is in any document. */
  get isAnybodyThere(): boolean {
    this.#forget()
    for (const clients of this.#documents.values()) {
      for (const { state } of clients.values()) if (state !== null) return true
    }
    return false
  }

  /** Everybody who is in a document. */
  in(document: string): FreshPresence[] {
    this.#forget()
    return [...(this.#documents.get(document)?.values() ?? [])].filter(({ state }) => state !== null).map(toFresh)
  }

  /** What a device of a twin, newly connected, is told. */
  for(twin: Uint8Array): { document: string; bytes: Uint8Array }[] {
    this.#forget()
    const { me } = this.#context
    const isOwn = equals(twin, me.twin)
    return [...this.#documents].flatMap(([document, clients]) => {
      const states = [...clients.values()].filter(
        ({ state, author }) => state !== null && (isOwn || equals(author.twin, me.twin))
      )
      return states.length === 0 ? [] : [{ document, bytes: writePresence(states) }]
    })
  }

  /** The device of a Yjs client id; undefined for this one, whose presence nobody else knows, and where there is none. */
  #authorOf(client: number): LogId | undefined {
    const { facts, membership, directory, me } = this.#context
    const twin = membership.view?.twinOf(Math.floor(client / 2 ** 16))
    const device = client % 2 ** 16
    if (twin === undefined || membership.view?.mayRead(twin) !== true) return undefined
    if (isSameLog({ twin, device }, me)) return undefined
    const list = directory.get(twin)
    if (list?.device(device) === undefined || list.isRevoked(device)) return undefined
    return clientId(facts.numberOf(twin)!, device) === client ? { twin, device } : undefined
  }

  #isNew(document: string, { client, clock, state }: PresenceState): boolean {
    const known = this.#documents.get(document)?.get(client)
    if (known === undefined) return state !== null
    return clock > known.clock || (clock === known.clock && state === null && known.state !== null)
  }

  #isAllowed(client: number): boolean {
    const now = this.#context.clock()
    const allowance = this.#allowances.get(client) ?? { left: burst, at: now }
    allowance.left = Math.min(burst, allowance.left + (Math.max(0, now - allowance.at) / 1000) * perSecond)
    allowance.at = now
    this.#allowances.set(client, allowance)
    if (allowance.left < 1) return false
    allowance.left--
    return true
  }

  #note(document: string, known: Known): boolean {
    const clients = this.#documents.get(document) ?? new Map<number, Known>()
    if (!clients.has(known.client)) {
      let [documents, all] = [0, 0]
      for (const others of this.#documents.values()) {
        if (others.has(known.client)) documents++
        all += others.size
      }
      if (documents >= maxDocuments || all >= maxKnown) return false
    }
    clients.set(known.client, known)
    this.#documents.set(document, clients)
    return true
  }

  #forget(): void {
    const lapsed = this.#context.clock() - lapseMs
    for (const [document, clients] of this.#documents) {
      for (const [client, { at }] of clients) if (at < lapsed) clients.delete(client)
      if (clients.size === 0) this.#documents.delete(document)
    }
    for (const [client, { at }] of this.#allowances) if (at < lapsed) this.#allowances.delete(client)
  }
}

function toFresh(known: Known): FreshPresence {
  return { author: known.author, bytes: writePresence([known]) }
}
