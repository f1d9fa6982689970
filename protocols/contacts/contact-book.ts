import type { KeyValue } from '../../crdt/key-value/index.ts'
import { type Clock, ProtocolError, systemClock } from '../core/index.ts'
import { foldName, freeName } from './clean-name.ts'
import { bytesToRecord, type ContactRecord, recordToBytes } from './contact-record.ts'
import { isTwinId } from './invite-link.ts'
import type { ContactState } from './protocol.ts'

/** Milliseconds until the book is read again when that did not work */
const readAgainMs = 5000

export type BookListener = (change: { type: 'put' | 'delete'; record: ContactRecord }) => void

/** The records of all contacts, in memory and in the twin's own space, so that every device has the same list. */
export class ContactBook {
  readonly #table: KeyValue
  readonly #clock: Clock
  readonly #records = new Map<string, ContactRecord>()
  readonly #versions = new Map<string, string>()
  readonly #listeners = new Set<BookListener>()
  readonly #stopped = new AbortController()
  #watching: Promise<void> | undefined
  /** What has changed could not be read, or there was too much of it */
  #isBehind = false
  #callOff = () => {}
  #queue: Promise<unknown> = Promise.resolve()

  constructor(table: KeyValue, clock: Clock = systemClock) {
    this.#table = table
    this.#clock = clock
  }

  async start(): Promise<void> {
    if (this.#watching !== undefined) return
    // The watch begins before the list is read, so nothing falls between the two
    this.#watching = this.#watch()
    await this.#read()
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#callOff()
    await this.#watching
    await this.#queue.catch(() => {})
  }

  /** Calls that read and then write run one after the other. */
  exclusively<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(action, action)
    this.#queue = result.catch(() => {})
    return result
  }

  get(id: string): ContactRecord | undefined {
    return this.#records.get(id)
  }

  all(): ContactRecord[] {
    return [...this.#records.values()]
  }

  /** Requests that have not arrived at their twins. */
  unheard(): ContactRecord[] {
    return this.all().filter(({ state, delivered }) => state === 'requested' && delivered !== true)
  }

  /** Those in a state, or all but the blocked, by name. */
  sorted(state: ContactState | undefined): ContactRecord[] {
    const records = this.all().filter(record =>
      state === undefined ? record.state !== 'blocked' : record.state === state
    )
    return records.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async put(record: ContactRecord): Promise<ContactRecord> {
    const { version } = await this.#table.put(record.id, recordToBytes(record), { kind: 'bytes' })
    this.#set(record, version)
    return record
  }

  async delete(id: string): Promise<void> {
    await this.#table.delete(id)
    this.#drop(id)
  }

  /** The wanted name, or one made from it that nobody else has here. */
  freeNameFor(wanted: string, id: string): string {
    return freeName(wanted, name => this.isNameTaken(name, id))
  }

  isNameTaken(name: string, besides: string): boolean {
    const folded = foldName(name)
    return this.all().some(record => record.id !== besides && foldName(record.name) === folded)
  }

  /**
   * Whom the owner means: a twin id, else a petname, else its beginning if only one fits.
   *
   * @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit
   */
  find(who: string, states: readonly ContactState[]): ContactRecord {
    const candidates = this.all().filter(record => states.includes(record.state))
    if (isTwinId(who))
      return only(
        who,
        candidates.filter(({ id }) => id === who)
      )
    const folded = foldName(who.trim())
    const named = candidates.filter(({ name }) => foldName(name) === folded)
    if (named.length > 0) return only(who, named)
    // The beginning that all ids share says nothing
    const isIdPrefix = who.length > 8
    return only(
      who,
      candidates.filter(({ id, name }) => foldName(name).startsWith(folded) || (isIdPrefix && id.startsWith(who)))
    )
  }

  onChange(listener: BookListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #watch(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const following = this.#follow()
      if (this.#isBehind) await this.#note(() => this.#read())
      await following
    }
  }

  /** Ends when it was too slow for all that changed. */
  async #follow(): Promise<void> {
    try {
      for await (const { key } of this.#table.watch({}, { signal: this.#stopped.signal })) {
        await this.#note(() => (this.#isBehind ? this.#read() : this.#refresh(key)))
      }
    } catch {
      this.#isBehind = true
    }
  }

  /** What cannot be read now, as while the store is closed, is read a while later or with the next change. */
  async #note(read: () => Promise<void>): Promise<void> {
    try {
      await this.exclusively(read)
    } catch {
      this.#isBehind = true
      this.#callOff()
      if (this.#stopped.signal.aborted) return
      const again = () => void this.#note(() => this.#read())
      this.#callOff = this.#clock.after(readAgainMs, again, { background: true })
    }
  }

  /** What stands there now: a change may be older than what was written here since. */
  async #refresh(key: string): Promise<void> {
    const entry = await this.#table.get(key)
    if (entry === undefined) this.#drop(key)
    else this.#apply(key, entry.version, entry.value)
  }

  async #read(): Promise<void> {
    this.#isBehind = false
    const gone = new Set(this.#records.keys())
    for await (const { key, version, value } of this.#table.list({})) {
      gone.delete(key)
      this.#apply(key, version, value)
    }
    for (const key of gone) await this.#refresh(key)
  }

  #apply(id: string, version: string, value: Uint8Array): void {
    const record = bytesToRecord(id, value)
    if (record !== undefined) this.#set(record, version)
  }

  #set(record: ContactRecord, version: string): void {
    if (this.#versions.get(record.id) === version) return
    this.#versions.set(record.id, version)
    this.#records.set(record.id, record)
    this.#emit('put', record)
  }

  #drop(id: string): void {
    const record = this.#records.get(id)
    this.#records.delete(id)
    this.#versions.delete(id)
    if (record !== undefined) this.#emit('delete', record)
  }

  #emit(type: 'put' | 'delete', record: ContactRecord): void {
    for (const listener of this.#listeners) listener({ type, record })
  }
}

function only(who: string, found: readonly ContactRecord[]): ContactRecord {
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw new ProtocolError('NotFound', `Nobody here is called ${who}`)
  const names = found
    .slice(0, 5)
    .map(({ name }) => name)
    .join(', ')
  throw new ProtocolError('FailedPrecondition', `Several people fit ${who}: ${names}`)
}
