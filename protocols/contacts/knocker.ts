import { anySignal, type Channel, type Client, createClient, type Logger, ProtocolError } from '../core/index.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'
import { contactsProtocol } from './protocol.ts'

export interface KnockerComponents {
  readonly book: ContactBook
  readonly log: Logger
  /** Milliseconds that `firstTry` waits */
  readonly firstTryMs: number
  /** Connects to a device of this twin, by twin id */
  reach(twin: string, options: { signal: AbortSignal }): Promise<Channel>
  /** Name that this twin shows to others */
  name(): Promise<string>
  becomeContact(record: ContactRecord, changes: { told: boolean; shown?: string }): Promise<ContactRecord>
}

type ContactsClient = Client<typeof contactsProtocol>

/** Carries our requests and answers to other twins, and tries again whenever one of them is reached. */
export class Knocker {
  readonly #components: KnockerComponents
  readonly #stopped = new AbortController()
  readonly #tries = new Map<string, Promise<void>>()

  constructor(components: KnockerComponents) {
    this.#components = components
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await Promise.allSettled(this.#tries.values())
  }

  /** Delivers what waits for this twin, if anything does; never rejects. */
  onReachable(twin: string): Promise<void> {
    const running = this.#tries.get(twin)
    if (running !== undefined) return running
    const record = this.#components.book.get(twin)
    const isWaiting = record?.state === 'requested' || (record?.state === 'contact' && record.told === false)
    if (!isWaiting || this.#stopped.signal.aborted) return Promise.resolve()
    const attempt = this.#deliver(record)
      .catch(error => this.#components.log.debug('A contact was not reached: %o', error))
      .finally(() => this.#tries.delete(twin))
    this.#tries.set(twin, attempt)
    return attempt
  }

  /** Waits a while for the first try, but the try goes on when the caller's patience ends. */
  async firstTry(id: string, signal: AbortSignal | undefined): Promise<void> {
    const limits = [AbortSignal.timeout(this.#components.firstTryMs), this.#stopped.signal]
    const limit = anySignal(...limits, ...(signal === undefined ? [] : [signal]))
    const over = new Promise<void>(resolve => {
      limit.addEventListener('abort', () => resolve(), { once: true })
      if (limit.aborted) resolve()
    })
    await Promise.race([this.onReachable(id), over])
  }

  async #deliver(record: ContactRecord): Promise<void> {
    const { reach, name } = this.#components
    const signal = anySignal(this.#stopped.signal, AbortSignal.timeout(contactsProtocol.limits.timeoutMs))
    const channel = await reach(record.id, { signal })
    const client = createClient(contactsProtocol, channel)
    try {
      if (record.state === 'contact') await this.#tell(client, record, await name(), signal)
      else await this.#knock(client, record, await name(), signal)
    } finally {
      await client.close()
    }
  }

  async #knock(client: ContactsClient, { id, token, greeting }: ContactRecord, name: string, signal: AbortSignal) {
    const { book, becomeContact } = this.#components
    const message = greeting === undefined ? {} : { message: greeting }
    const answer = await client.knock({ name, ...message, ...(token !== undefined && { token }) }, { signal })
    await book.exclusively(async () => {
      // The owner may have decided otherwise meanwhile
      const record = book.get(id)
      if (record?.state !== 'requested') return
      if (answer.state === 'contact') await becomeContact(record, { told: true, shown: answer.name })
      else if (record.delivered !== true) await book.put({ ...record, delivered: true })
    })
  }

  async #tell(client: ContactsClient, { id }: ContactRecord, name: string, signal: AbortSignal): Promise<void> {
    const { book } = this.#components
    try {
      await client.accepted({ name }, { signal })
    } catch (error) {
      // They do not want it any more, so there is nothing to tell
      if (!(error instanceof ProtocolError && error.code === 'FailedPrecondition')) throw error
    }
    await book.exclusively(async () => {
      const record = book.get(id)
      if (record?.state === 'contact') await book.put({ ...record, told: true })
    })
  }
}
