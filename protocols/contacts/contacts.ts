import { compare } from 'uint8arrays/compare'
import type { Crypto } from '../../crdt/crypto/index.ts'
import { textToTwin, twinToText, verificationCode } from '../../crdt/identity/index.ts'
import type { Space } from '../../crdt/index.ts'
import { keyValue } from '../../crdt/key-value/index.ts'
import {
  type CallContext,
  type Channel,
  type Clock,
  type Implementation,
  type Logger,
  ProtocolError,
  silentLogger,
  systemClock
} from '../core/index.ts'
import { Acceptance } from './acceptance.ts'
import { ask } from './ask.ts'
import { block, unblock } from './blocking.ts'
import { cleanName } from './clean-name.ts'
import { type BookListener, ContactBook } from './contact-book.ts'
import { type ContactRecord, recordToContact } from './contact-record.ts'
import { Door } from './door.ts'
import { inviteLinkToText, textToInviteLink } from './invite-link.ts'
import { Invites } from './invites.ts'
import { Knocker } from './knocker.ts'
import { contactsNamespace, People } from './people.ts'
import { type Contact, type ContactState, type contactsProtocol, defaultInviteMs } from './protocol.ts'
import { type ContactChange, watchBook } from './watch-book.ts'

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
  hints?(): { sequence?: number; head?: Uint8Array } | Promise<{ sequence?: number; head?: Uint8Array }>
  /** The least sequence of a twin's record by its invite, before it is looked for */
  onSequence?(twin: string, sequence: number): void
  readonly clock?: Clock
  readonly log?: Logger
}

export interface ContactsInit {
  /** Milliseconds that `add` waits for the first try to get through */
  readonly firstTryMs?: number
  /** Milliseconds since 1970 */
  readonly now?: () => number
}

const everybody: readonly ContactState[] = ['contact', 'requested', 'knocking', 'blocked']

/**
 * The people a twin knows, the answers to their knocks, and our own knocks until they are answered. A composition root
 * makes one, hands it to `contacts()`, and tells it by `onReachable` whenever somebody's twin was reached.
 */
export class Contacts implements Implementation<typeof contactsProtocol> {
  readonly #components: ContactsComponents
  readonly #book: ContactBook
  readonly #people: People
  readonly #invites: Invites
  readonly #door: Door
  readonly #knocker: Knocker
  readonly #acceptance: Acceptance
  readonly #log: Logger
  readonly #now: () => number
  readonly #myId: string

  constructor(components: ContactsComponents, init: ContactsInit = {}) {
    const { crypto, spaces, me } = components
    this.#components = components
    this.#log = components.log ?? silentLogger
    this.#now = init.now ?? Date.now
    this.#myId = twinToText(me.twin)
    this.#book = new ContactBook(keyValue(spaces.self, contactsNamespace))
    this.#people = new People(this.#book)
    this.#invites = new Invites({ table: keyValue(spaces.self, '.invites'), crypto, now: this.#now })
    const direct = (twin: Uint8Array) => spaces.direct(twin)
    const opens = (twin: Uint8Array) => compare(me.twin, twin) < 0
    this.#acceptance = new Acceptance({ book: this.#book, device: me.device, log: this.#log, opens, direct })
    const becomeContact: Acceptance['becomeContact'] = (record, changes) =>
      this.#acceptance.becomeContact(record, changes)
    const shared = { book: this.#book, name: () => components.name(), becomeContact }
    this.#door = new Door({ ...shared, invites: this.#invites, now: this.#now })
    const { firstTryMs = 10_000 } = init
    const reach: ContactsComponents['reach'] = (twin, options) => components.reach(twin, options)
    const { clock = systemClock } = components
    this.#knocker = new Knocker({ ...shared, reach, clock, log: this.#log, firstTryMs })
  }

  async start(): Promise<void> {
    await this.#book.start()
    await this.#acceptance.start()
  }

  async stop(): Promise<void> {
    await this.#knocker.stop()
    await this.#book.stop()
  }

  // What other parts of the twin ask

  classOf(twin: string): ReturnType<People['classOf']> {
    return this.#people.classOf(twin)
  }

  wanted(): string[] {
    return this.#people.wanted()
  }

  unheard = (): ContactRecord[] => this.#book.unheard()

  expectedHead(twin: string): Uint8Array | undefined {
    return this.#people.expectedHead(twin)
  }

  nameOf(twin: string): string {
    return this.#people.nameOf(twin)
  }

  resolve(who: string): ReturnType<People['resolve']> {
    return this.#people.resolve(who)
  }

  onChange(listener: BookListener): () => void {
    return this.#people.onChange(listener)
  }

  /** To be called whenever a device of this twin was reached: knocks and answers that wait are delivered now. */
  async onReachable(twin: string): Promise<void> {
    await this.#acceptance.onReachable(twin)
    await this.#knocker.onReachable(twin)
  }

  // Methods of the contract, for the owner

  async invite(request: { expiresInMs?: number }): Promise<{ link: string; expiresAt: number }> {
    const expiresAt = this.#now() + (request.expiresInMs ?? defaultInviteMs)
    const token = await this.#invites.issue(expiresAt)
    if (token === undefined) throw new ProtocolError('ResourceExhausted', 'Too many invites are open')
    const hints = await this.#components.hints?.()
    return { link: inviteLinkToText({ id: this.#myId, token, ...hints }), expiresAt }
  }

  async add(request: { who: string; name?: string; message?: string }, context?: CallContext): Promise<Contact> {
    const { id, token, head, sequence } = textToInviteLink(request.who)
    if (id === this.#myId) throw new ProtocolError('InvalidArgument', 'This is your own twin')
    const isNew = await this.#book.exclusively(async () => {
      const name = this.#chosenName(request.name, id)
      const wish = { id, name, greeting: request.message, token, head }
      return await ask(this.#book, wish, this.#now(), record => this.#acceptance.becomeContact(record, { told: false }))
    })
    if (isNew) {
      if (sequence !== undefined) this.#components.onSequence?.(id, sequence)
      await this.#knocker.firstTry(id, context?.signal)
    }
    return recordToContact(this.#book.get(id)!)
  }

  accept({ who }: { who: string }): Promise<Contact> {
    return this.#change(who, ['knocking', 'contact', 'requested'], async record => {
      if (record.state === 'requested') {
        throw new ProtocolError('FailedPrecondition', 'You asked this twin; it is for them to accept')
      }
      return record.state === 'contact' ? record : await this.#acceptance.becomeContact(record, { told: false })
    }).then(contact => {
      // They hear of it now if they are there, else when they are reached
      void this.onReachable(contact.id)
      return contact
    })
  }

  async *list({ state }: { state?: ContactState }): AsyncGenerator<Contact> {
    for (const record of this.#book.sorted(state)) yield recordToContact(record)
  }

  watch(_: object, { signal }: Pick<CallContext, 'signal'>): AsyncGenerator<ContactChange> {
    return watchBook(this.#book, signal)
  }

  rename({ who, name }: { who: string; name: string }): Promise<Contact> {
    return this.#change(who, everybody, record =>
      this.#book.put({ ...record, name: this.#chosenName(name, record.id)!, named: true })
    )
  }

  async block({ who }: { who: string }): Promise<Contact> {
    if (who === this.#myId) throw new ProtocolError('InvalidArgument', 'This is your own twin')
    return recordToContact(await block(this.#book, who, this.#now()))
  }

  async unblock({ who }: { who: string }): Promise<Contact> {
    return recordToContact(await unblock(this.#book, who))
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
}
