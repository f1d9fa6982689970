import { type CallContext, type Implementation, ProtocolError } from '../core/index.ts'
import type { MailboxDesk } from './mailbox-desk.ts'
import type { MailboxHost } from './mailbox-host.ts'
import type { mailboxProtocol } from './protocol.ts'

type Context = Pick<CallContext, 'caller'>
type Request<K extends keyof Implementation<typeof mailboxProtocol>> = Parameters<
  Implementation<typeof mailboxProtocol>[K]
>[0]

/** A node that keeps boxes; a twin has a desk besides, at which its owner chooses. */
export class Mailbox implements Implementation<typeof mailboxProtocol> {
  readonly #host: MailboxHost
  readonly #desk: MailboxDesk | undefined

  constructor(host: MailboxHost, desk?: MailboxDesk) {
    this.#host = host
    this.#desk = desk
  }

  start(): Promise<void> {
    return this.#host.start()
  }

  stop(): Promise<void> {
    return this.#host.stop()
  }

  deposit(request: Request<'deposit'>, context: Context) {
    return this.#host.deposit(request, context)
  }

  open(request: Request<'open'>, context: Context) {
    return this.#host.open(request, context)
  }

  describe(request: Request<'describe'>) {
    return this.#host.describe(request)
  }

  collect(request: Request<'collect'>, context: Context) {
    return this.#host.collect(request, context)
  }

  ack(request: Request<'ack'>, context: Context) {
    return this.#host.ack(request, context)
  }

  discard(request: Request<'discard'>, context: Context) {
    return this.#host.discard(request, context)
  }

  tell(request: Request<'tell'>, context: Context) {
    return this.#owned.tell(request, context)
  }

  use(request: Request<'use'>) {
    return this.#owned.use(request)
  }

  drop(request: Request<'drop'>) {
    return this.#owned.drop(request)
  }

  offer(request: Request<'offer'>) {
    return this.#owned.offer(request)
  }

  withdraw(request: Request<'withdraw'>) {
    return this.#owned.withdraw(request)
  }

  list() {
    return this.#owned.list()
  }

  get #owned(): MailboxDesk {
    if (this.#desk === undefined) throw new ProtocolError('Unimplemented', 'This node is nobody’s twin')
    return this.#desk
  }
}
