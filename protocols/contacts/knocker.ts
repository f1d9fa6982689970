import {
  type Channel,
  type Client,
  type Clock,
  createClient,
  type Logger,
  ProtocolError,
  withSignal
} from '../core/index.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'
import { contactsProtocol } from './protocol.ts'

export interface KnockerComponents {
  readonly book: ContactBook
  readonly log: Logger
  readonly clock: Clock
  /** Milliseconds that `firstTry` waits */
  readonly firstTryMs: number
  /** Connects to a device of this twin, by twin id */
  reach(twin: string, options: { signal: AbortSignal }): Promise<Channel>
  /** Name that this twin shows to others */
  name(): Promise<string>
  becomeContact(record: ContactRecord, changes: { told: boolean; shown?: string }): Promise<ContactRecord>
}

type ContactsClient = Client<typeof contactsProtocol>

/** Pauses after a twin was reached and did not take what was brought: it was busy, or did not know yet who called */
const firstPauseMs = 1000
const maxPauseMs = 60_000

/**
 * Carries our requests and answers to other twins, and tries again whenever one of them is reached; while one is reached and
 * does not take it, with growing pauses.
 */
export class Knocker {
  readonly #components: KnockerComponents
  readonly #stopped = new AbortController()
  readonly #tries = new Map<string, Promise<void>>()
  /** Twins that were reached while a try was under way, which may have been too early */
  readonly #reachedMeanwhile = new Set<string>()
  readonly #pauses = new Map<string, { readonly ms: number; readonly callOff: () => void }>()

  constructor(components: KnockerComponents) {
    this.#components = components
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    for (const { callOff } of this.#pauses.values()) callOff()
    await Promise.allSettled(this.#tries.values())
  }

  /** Delivers what waits for this twin, if anything does; never rejects. */
  onReachable(twin: string): Promise<void> {
    const running = this.#tries.get(twin)
    if (running !== undefined) {
      this.#reachedMeanwhile.add(twin)
      return running
    }
    const record = this.#components.book.get(twin)
    const isWaiting = record?.state === 'requested' || (record?.state === 'contact' && record.told === false)
    this.#pauses.get(twin)?.callOff()
    if (!isWaiting || this.#stopped.signal.aborted) {
      this.#pauses.delete(twin)
      return Promise.resolve()
    }
    this.#reachedMeanwhile.delete(twin)
    const attempt = this.#try(record).finally(() => {
      this.#tries.delete(twin)
      // Where nothing waits any more this does nothing
      if (this.#reachedMeanwhile.has(twin)) void this.onReachable(twin)
    })
    this.#tries.set(twin, attempt)
    return attempt
  }

  /** Waits a while for the first try, but the try goes on when the caller's patience ends. */
  async firstTry(id: string, signal: AbortSignal | undefined): Promise<void> {
    const limits = [AbortSignal.timeout(this.#components.firstTryMs), this.#stopped.signal]
    await withSignal([...limits, ...(signal === undefined ? [] : [signal])], async limit => {
      const over = new Promise<void>(resolve => {
        limit.addEventListener('abort', () => resolve(), { once: true })
        if (limit.aborted) resolve()
      })
      await Promise.race([this.onReachable(id), over])
    })
  }

  #try(record: ContactRecord): Promise<void> {
    const limits = [this.#stopped.signal, AbortSignal.timeout(contactsProtocol.limits.timeoutMs)]
    return withSignal(limits, signal => this.#tryWithin(record, signal))
  }

  async #tryWithin(record: ContactRecord, signal: AbortSignal): Promise<void> {
    const { reach, log } = this.#components
    let channel: Channel
    try {
      channel = await reach(record.id, { signal })
    } catch (error) {
      // Whoever composes us dials on, and says when they are reached
      log.debug('A contact was not reached: %o', error)
      return
    }
    try {
      await this.#deliver(record, channel, signal)
      this.#pauses.delete(record.id)
    } catch (error) {
      log.debug('A contact was reached and did not take what waits for it: %o', error)
      this.#retryLater(record.id)
    }
  }

  #retryLater(twin: string): void {
    if (this.#stopped.signal.aborted) return
    const ms = Math.min(maxPauseMs, (this.#pauses.get(twin)?.ms ?? firstPauseMs / 2) * 2)
    const callOff = this.#components.clock.after(ms, () => void this.onReachable(twin), { background: true })
    this.#pauses.set(twin, { ms, callOff })
  }

  async #deliver(record: ContactRecord, channel: Channel, signal: AbortSignal): Promise<void> {
    const { name } = this.#components
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
