import { anySignal, type Logger } from '../../protocols/core/index.ts'
import type { Knock, MailboxAddress } from '../../protocols/mailbox/index.ts'
import { BackOff } from '../../protocols/streams/index.ts'

/** A request that has not arrived yet. */
export interface Unheard extends Omit<Knock, 'twin'> {
  /** Twin id of whom we ask */
  readonly id: string
}

export interface KnockLeaverInit {
  /** Requests that have not arrived */
  readonly unheard: () => Promise<readonly Unheard[]>
  readonly isReachable: (twin: string) => boolean
  /** Mailboxes that a device of this twin names, as hints */
  readonly find: (twin: string, signal: AbortSignal) => Promise<{ box: Uint8Array; mailboxes: MailboxAddress[] }[]>
  readonly leave: (
    request: Unheard,
    box: Uint8Array,
    mailbox: MailboxAddress,
    options: { signal: AbortSignal }
  ) => Promise<void>
  readonly log: Logger
  readonly firstPauseMs?: number
}

const tryTimeoutMs = 60_000

/** Leaves requests to people whose twins are off in their mailboxes, once for each start of this twin. */
export class KnockLeaver {
  readonly #init: KnockLeaverInit
  readonly #left = new Set<string>()
  readonly #pauses: BackOff
  readonly #stopped = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(init: KnockLeaverInit) {
    this.#init = init
    this.#pauses = new BackOff(init.firstPauseMs ?? 5000, 15 * 60_000)
  }

  /** There may be a request that has not arrived; in a moment, because most arrive by themselves. */
  wake(): void {
    this.#pauses.reset()
    this.#tryIn(this.#pauses.next())
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  #tryIn(ms: number): void {
    if (this.#stopped.signal.aborted) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#running = this.#running.then(() => this.#try()).catch(error => this.#failed(error))
    }, ms)
    this.#timer.unref()
  }

  #failed(error: unknown): void {
    this.#init.log.debug('Knocks were not left: %o', error)
    this.#tryIn(this.#pauses.next())
  }

  async #try(): Promise<void> {
    const { unheard, isReachable, log } = this.#init
    const requests = await unheard()
    for (const request of requests) {
      if (this.#stopped.signal.aborted) return
      if (this.#left.has(request.id) || isReachable(request.id)) continue
      if (await this.#leave(request)) this.#left.add(request.id)
      else log.debug('A knock was not left: no mailbox took it')
    }
    if (requests.some(({ id }) => !this.#left.has(id) && !isReachable(id))) this.#tryIn(this.#pauses.next())
  }

  async #leave(request: Unheard): Promise<boolean> {
    const { find, leave, log } = this.#init
    const signal = anySignal(this.#stopped.signal, AbortSignal.timeout(tryTimeoutMs))
    const places = await find(request.id, signal).catch(() => [])
    let isLeft = false
    for (const { box, mailboxes } of places) {
      for (const mailbox of mailboxes) {
        try {
          await leave(request, box, mailbox, { signal })
          isLeft = true
        } catch (error) {
          log.debug('A mailbox did not take a knock: %o', error)
        }
      }
    }
    return isLeft
  }
}
