/** Mailboxes in memory, honest and other ones, for the specs of this folder. */
import { type Database, twinToText } from '../../crdt/index.ts'
import { crypto, memoryDatabase } from '../../crdt/spaces/replicas.fixture.ts'
import { type Channel, channelPair, createServer, type ProtocolServer } from '../core/index.ts'
import { ManualClock } from '../core/manual-clock.fixture.ts'
import { type MailboxLimits, mailboxLimits } from './limits.ts'
import { Mailbox } from './mailbox.ts'
import { MailboxHost } from './mailbox-host.ts'
import { mailbox } from './service.ts'

export const smallLimits: MailboxLimits = {
  ...mailboxLimits,
  mailboxTokenBytes: 4 * 1024,
  mailboxKnocks: 4,
  mailboxKnockRate: 8
}

export class TestMailbox {
  readonly signer = crypto.signer(crypto.randomBytes(32))
  readonly clock = new ManualClock()
  readonly db: Database
  readonly limits: MailboxLimits
  server!: ProtocolServer
  now = Date.UTC(2026, 10, 1)
  isOff = false
  readonly #change: (mailbox: Mailbox) => Mailbox
  #stop = async () => {}

  private constructor(limits: MailboxLimits, change: (mailbox: Mailbox) => Mailbox) {
    this.db = memoryDatabase()
    this.limits = limits
    this.#change = change
  }

  /** @param change makes it another one than it should be */
  static async make(limits = mailboxLimits, change = (mailbox: Mailbox) => mailbox): Promise<TestMailbox> {
    const made = new TestMailbox(limits, change)
    await made.db.open()
    await made.start()
    return made
  }

  get key(): Uint8Array {
    return this.signer.publicKey
  }

  async start(): Promise<void> {
    const { db, signer, clock } = this
    const host = new MailboxHost(
      { db, signer, crypto, mayOpen: () => true, clock },
      { limits: this.limits, now: () => this.now }
    )
    const service = mailbox()({ mailbox: this.#change(new Mailbox(host)) })
    await service.start()
    this.server = createServer({ services: [service] })
    this.#stop = async () => {
      await this.server.stop()
      await service.stop()
    }
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  async advance(ms: number): Promise<void> {
    this.now += ms
    await this.clock.advance(ms)
  }

  /** As the device with this transport key */
  channel(peer: Uint8Array): Channel {
    if (this.isOff) throw new Error('The mailbox is off')
    return channelPair(this.server, { class: 'stranger', peer: twinToText(peer) })
  }
}
