import type { Crypto } from '../../crdt/crypto/index.ts'
import { textToTwin, twinToText, verificationCode } from '../../crdt/identity/index.ts'
import { keyValue, type Space } from '../../crdt/index.ts'
import {
  type CallContext,
  type Channel,
  type Client,
  createClient,
  type Implementation,
  type Logger,
  ProtocolError,
  silentLogger
} from '../core/index.ts'
import { cleanName, shortId } from './clean-name.ts'
import { type BookListener, ContactBook } from './contact-book.ts'
import { type ContactRecord, recordToContact } from './contact-record.ts'
import { Door } from './door.ts'
import { inviteLinkToText, isTwinId, textToInviteLink } from './invite-link.ts'
import { Invites } from './invites.ts'
import { type Contact, type ContactState, contactsProtocol, defaultInviteMs } from './protocol.ts'

export interface ContactsComponents {
  /** Own twin (32 bytes) and device number */
  readonly me: { readonly twin: Uint8Array; readonly device: number }
  readonly spaces: {
    readonly self: Space
    /** Opens the conversation if that is for this twin to do, else waits for theirs */
    direct(twin: Uint8Array): Promise<Space | undefined>
  }
  readonly crypto: Pick<Crypto, 'randomBytes' | 'sha256'>
  /** Connects to a device of this twin, by twin id */
  reach(twin: string, options: { signal: AbortSignal }): Promise<Channel>
  /** Name that this twin shows to others */
  name(): Promise<string>
  /** What an invite says against rollback of records */
  hints?(): { sequence?: number; head?: string } | Promise<{ sequence?: number; head?: string }>
  /** What somebody's invite said, before the twin is looked for */
  onHints?(twin: string, hints: { sequence?: number; head?: string }): void
  readonly log?: Logger
}

export interface ContactsInit {
  /** Milliseconds that `add` waits for the first try to get through */
  readonly firstTryMs?: number
  /** Milliseconds since 1970 */
  readonly now?: () => number
}

/** States of people that other capabilities may deal with. */
const known: readonly ContactState[] = ['contact', 'requested']
const everybody: readonly ContactState[] = ['contact', 'requested', 'knocking', 'blocked']

/**
 * The people a twin knows, the answers to their knocks, and our own knocks until they are answered. A composition root
 * makes one, hands it to `contacts()`, and tells it by `onReachable` whenever somebody's twin was reached.
 */
export class Contacts implements Implementation<typeof contactsProtocol> {
  readonly #components: ContactsComponents
  readonly #book: ContactBook
  readonly #invites: Invites
  readonly #door: Door
  readonly #log: Logger
  readonly #now: () => number
  readonly #firstTryMs: number
  readonly #myId: string
  readonly #stopped = new AbortController()
  readonly #tries = new Map<string, Promise<void>>()

  constructor(components: ContactsComponents, init: ContactsInit = {}) {
    const { crypto, spaces, me } = components
    this.#components = components
    this.#log = components.log ?? silentLogger
    this.#now = init.now ?? Date.now
    this.#firstTryMs = init.firstTryMs ?? 10_000
    this.#myId = twinToText(me.twin)
    this.#book = new ContactBook(keyValue(spaces.self, '.contacts'))
    this.#invites = new Invites({ table: keyValue(spaces.self, '.invites'), crypto, now: this.#now })
    this.#door = new Door({
      book: this.#book,
      invites: this.#invites,
      now: this.#now,
      name: components.name,
      becomeContact: (record, changes) => this.#becomeContact(record, changes)
    })
  }

  async start(): Promise<void> {
    await this.#book.start()
    // A crash may have come between becoming contacts and opening the conversation
    for (const record of this.#book.all()) {
      if (record.state === 'contact' && record.device === this.#components.me.device) await this.#openSpace(record.id)
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.allSettled(this.#tries.values())
    await this.#book.stop()
  }

  // What other parts of the twin ask

  /** How this twin sees another, for hello and for the acceptance of spaces. */
  classOf(twin: string): 'contact' | 'blocked' | 'stranger' {
    const state = this.#book.get(twin)?.state
    return state === 'contact' || state === 'blocked' ? state : 'stranger'
  }

  /** Twins to stay connected with: contacts, and those who were asked. */
  wanted(): string[] {
    return this.#book.all().flatMap(({ id, state }) => (known.includes(state) ? [id] : []))
  }

  /** Petname of a twin, or the end of its id. */
  nameOf(twin: string): string {
    return this.#book.get(twin)?.name ?? shortId(twin)
  }

  /**
   * Whom the owner means by a petname, a twin id or the beginning of one.
   *
   * @throws {ProtocolError} `NotFound`, or `FailedPrecondition` when several fit
   */
  resolve(who: string): { id: string; name: string; state: ContactState } {
    return this.#book.find(who, known)
  }

  onChange(listener: BookListener): () => void {
    return this.#book.onChange(listener)
  }

  /** To be called whenever a device of this twin was reached: knocks and answers that wait are delivered now. */
  onReachable(twin: string): Promise<void> {
    const running = this.#tries.get(twin)
    if (running !== undefined) return running
    const record = this.#book.get(twin)
    const isWaiting = record?.state === 'requested' || (record?.state === 'contact' && record.told === false)
    if (!isWaiting || this.#stopped.signal.aborted) return Promise.resolve()
    const attempt = this.#deliver(record)
      .catch(error => this.#log.debug('A contact was not reached: %o', error))
      .finally(() => this.#tries.delete(twin))
    this.#tries.set(twin, attempt)
    return attempt
  }

  // Methods of the contract, for the owner

  async invite({
    expiresInMs = defaultInviteMs
  }: {
    expiresInMs?: number
  }): Promise<{ link: string; expiresAt: number }> {
    const expiresAt = this.#now() + expiresInMs
    const token = await this.#invites.issue(expiresAt)
    if (token === undefined) throw new ProtocolError('ResourceExhausted', 'Too many invites are open')
    const hints = await this.#components.hints?.()
    return { link: inviteLinkToText({ id: this.#myId, token, ...hints }), expiresAt }
  }

  async add(request: { who: string; name?: string; message?: string }, context?: CallContext): Promise<Contact> {
    const { id, token, ...hints } = textToInviteLink(request.who)
    if (id === this.#myId) throw new ProtocolError('InvalidArgument', 'This is your own twin')
    const isNew = await this.#book.exclusively(async () => {
      const record = this.#book.get(id)
      const name = this.#chosenName(request.name, id)
      if (record?.state === 'blocked')
        throw new ProtocolError('FailedPrecondition', 'This twin is blocked; unblock it first')
      if (record?.state === 'contact') return false
      if (record?.state === 'knocking') {
        await this.#becomeContact({ ...record, ...(name !== undefined && { name, named: true }) }, { told: false })
        return true
      }
      const fallback = record?.name ?? this.#book.freeNameFor(shortId(id), id)
      await this.#book.put({
        addedAt: this.#now(),
        verified: false,
        ...record,
        id,
        state: 'requested',
        name: name ?? fallback,
        named: name !== undefined || record?.named === true,
        ...(request.message !== undefined && { greeting: request.message }),
        ...(token !== undefined && { token, delivered: false })
      })
      return true
    })
    if (isNew) {
      this.#components.onHints?.(id, hints)
      await this.#firstTry(id, context?.signal)
    }
    return recordToContact(this.#book.get(id)!)
  }

  accept({ who }: { who: string }): Promise<Contact> {
    return this.#change(who, ['knocking', 'contact', 'requested'], async record => {
      if (record.state === 'requested') {
        throw new ProtocolError('FailedPrecondition', 'You asked this twin; it is for them to accept')
      }
      return record.state === 'contact' ? record : await this.#becomeContact(record, { told: false })
    }).then(contact => {
      // They hear of it now if they are there, else when they are reached
      void this.onReachable(contact.id)
      return contact
    })
  }

  async *list({ state }: { state?: ContactState }): AsyncGenerator<Contact> {
    const records = this.#book
      .all()
      .filter(record => (state === undefined ? record.state !== 'blocked' : record.state === state))
    records.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const record of records) yield recordToContact(record)
  }

  async *watch(
    _: object,
    { signal }: { signal: AbortSignal }
  ): AsyncGenerator<{ type: 'put' | 'delete'; contact: Contact }> {
    // The newest state of each record that changed and was not sent yet, so a slow reader costs no memory
    const changed = new Map<string, { type: 'put' | 'delete'; contact: Contact }>()
    let wake = () => {}
    const stop = this.#book.onChange(({ type, record }) => {
      changed.set(record.id, { type, contact: recordToContact(record) })
      wake()
    })
    signal.addEventListener('abort', () => wake(), { once: true })
    try {
      while (!signal.aborted) {
        for (const [id, change] of changed) {
          changed.delete(id)
          yield change
        }
        await new Promise<void>(resolve => {
          wake = resolve
          if (changed.size > 0 || signal.aborted) resolve()
        })
      }
    } finally {
      stop()
    }
  }

  rename({ who, name }: { who: string; name: string }): Promise<Contact> {
    return this.#change(who, everybody, record =>
      this.#book.put({ ...record, name: this.#chosenName(name, record.id)!, named: true })
    )
  }

  block({ who }: { who: string }): Promise<Contact> {
    const put = async (record: ContactRecord) =>
      record.state === 'blocked' ? record : await this.#book.put({ ...record, state: 'blocked', before: record.state })
    if (!isTwinId(who) || this.#book.get(who) !== undefined) return this.#change(who, everybody, put)
    if (who === this.#myId) throw new ProtocolError('InvalidArgument', 'This is your own twin')
    return this.#book.exclusively(async () => {
      const name = this.#book.freeNameFor(shortId(who), who)
      const blocked = { id: who, name, verified: false, addedAt: this.#now(), state: 'blocked' as const }
      return recordToContact(await this.#book.put(blocked))
    })
  }

  unblock({ who }: { who: string }): Promise<Contact> {
    return this.#change(who, ['blocked'], async ({ before, ...record }) => {
      if (before !== undefined) return await this.#book.put({ ...record, state: before })
      // It was never anything but blocked, so nothing of it is kept
      await this.#book.delete(record.id)
      return record
    })
  }

  remove({ who }: { who: string }): Promise<{ id: string; removed: boolean }> {
    return this.#book.exclusively(async () => {
      const { id } = this.#book.find(who, everybody)
      await this.#book.delete(id)
      return { id, removed: true }
    })
  }

  verify({ who }: { who: string }): { id: string; name: string; code: string; verified: boolean } {
    const { id, name, verified } = this.#book.find(who, ['contact', 'requested', 'knocking'])
    return { id, name, code: verificationCode(this.#components.me.twin, textToTwin(id)), verified }
  }

  confirm({ who }: { who: string }): Promise<Contact> {
    return this.#change(who, ['contact', 'requested', 'knocking'], record =>
      this.#book.put({ ...record, verified: true })
    )
  }

  // Methods of the contract, for others

  knock(request: { name: string; message?: string; token?: Uint8Array }, { caller }: CallContext) {
    return this.#door.knock(request, caller.twin)
  }

  accepted({ name }: { name: string }, { caller }: CallContext) {
    return this.#door.accepted(name, caller.twin)
  }

  // Private

  #change(who: string, states: readonly ContactState[], change: (record: ContactRecord) => Promise<ContactRecord>) {
    return this.#book.exclusively(async () => recordToContact(await change(this.#book.find(who, states))))
  }

  #chosenName(name: string | undefined, id: string): string | undefined {
    if (name === undefined) return undefined
    const cleaned = cleanName(name, id)
    if (this.#book.isNameTaken(cleaned, id))
      throw new ProtocolError('AlreadyExists', 'Somebody else here has this name')
    return cleaned
  }

  /** To be called inside `exclusively`. */
  async #becomeContact(record: ContactRecord, changes: { told: boolean; shown?: string }): Promise<ContactRecord> {
    const { token: _token, greeting: _greeting, before: _before, message: _message, ...kept } = record
    const isNamed = record.named === true || changes.shown === undefined
    const name = isNamed ? record.name : this.#book.freeNameFor(cleanName(changes.shown!, record.id), record.id)
    const { device } = this.#components.me
    const contact = await this.#book.put({ ...kept, name, state: 'contact', told: changes.told, device })
    await this.#openSpace(record.id)
    return contact
  }

  async #openSpace(id: string): Promise<void> {
    try {
      await this.#components.spaces.direct(textToTwin(id))
    } catch (error) {
      // The contact stands; the conversation is opened at the next start
      this.#log.error('The conversation with a contact could not be opened: %o', error)
    }
  }

  /** Waits a while for the first try, but the try goes on when the caller's patience ends. */
  async #firstTry(id: string, signal: AbortSignal | undefined): Promise<void> {
    const limits = [
      AbortSignal.timeout(this.#firstTryMs),
      this.#stopped.signal,
      ...(signal === undefined ? [] : [signal])
    ]
    const limit = AbortSignal.any(limits)
    const over = new Promise<void>(resolve => {
      limit.addEventListener('abort', () => resolve(), { once: true })
      if (limit.aborted) resolve()
    })
    await Promise.race([this.onReachable(id), over])
  }

  async #deliver(record: ContactRecord): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(contactsProtocol.limits.timeoutMs)])
    const channel = await this.#components.reach(record.id, { signal })
    const client = createClient(contactsProtocol, channel)
    try {
      const name = await this.#components.name()
      if (record.state === 'contact') await this.#tell(client, record, name, signal)
      else await this.#knockAt(client, record, name, signal)
    } finally {
      await client.close()
    }
  }

  async #knockAt(client: ContactsClient, { id, token, greeting }: ContactRecord, name: string, signal: AbortSignal) {
    const request = {
      name,
      ...(greeting !== undefined && { message: greeting }),
      ...(token !== undefined && { token })
    }
    const answer = await client.knock(request, { signal })
    await this.#book.exclusively(async () => {
      // The owner may have decided otherwise meanwhile
      const record = this.#book.get(id)
      if (record?.state !== 'requested') return
      if (answer.state === 'contact') await this.#becomeContact(record, { told: true, shown: answer.name })
      else if (record.delivered !== true) await this.#book.put({ ...record, delivered: true })
    })
  }

  async #tell(client: ContactsClient, { id }: ContactRecord, name: string, signal: AbortSignal): Promise<void> {
    try {
      await client.accepted({ name }, { signal })
    } catch (error) {
      // They do not want it any more, so there is nothing to tell
      if (!(error instanceof ProtocolError && error.code === 'FailedPrecondition')) throw error
    }
    await this.#book.exclusively(async () => {
      const record = this.#book.get(id)
      if (record?.state === 'contact') await this.#book.put({ ...record, told: true })
    })
  }
}

type ContactsClient = Client<typeof contactsProtocol>
