import type { Signer } from '../../crdt/crypto/index.ts'
import type { LogId } from '../../crdt/log/index.ts'
import { type Channel, createClient, type Logger, silentLogger, withSignal } from '../core/index.ts'
import { deliveryToContent } from './delivery.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import { type NewsComponents, newsFor } from './news.ts'
import type { NewsRows } from './news-rows.ts'
import type { PlannedDelivery } from './parcel-packer.ts'
import { planDeliveries } from './plan-deliveries.ts'
import { mailboxProtocol } from './protocol.ts'
import { openReceipt } from './receipt.ts'
import { sealParcel } from './sealed-parcel.ts'
import type { SentRows } from './sent-rows.ts'
import type { ToldBox, ToldMailbox } from './told-boxes.ts'

export interface BoxFillerComponents extends NewsComponents {
  readonly me: { readonly twin: Uint8Array; readonly device: number; readonly signer: Signer }
  readonly sent: SentRows
  readonly news: NewsRows
  /** Connects to a mailbox */
  readonly channelTo: (mailbox: MailboxAddress, options: { signal: AbortSignal }) => Promise<Channel>
  /** A mailbox has more of a log than before */
  readonly onHeld: (space: Uint8Array, log: LogId) => void
  /** Asks to be called again then */
  readonly lookIn: (ms: number) => void
  readonly log?: Logger
}

/** So many mailboxes of one device get everything: one of them may lie or vanish */
const wantedMailboxes = 2
/** Parcels for one mailbox in one go; a twin that lacks more is served again after a pause */
const maxParcels = 64
const visitTimeoutMs = 5 * 60_000

/** Puts what a device lacks into its mailboxes, and notes their receipts. */
export class BoxFiller {
  readonly #components: BoxFillerComponents
  readonly #now: () => number
  readonly #log: Logger

  constructor(components: BoxFillerComponents, now: () => number) {
    this.#components = components
    this.#now = now
    this.#log = components.log ?? silentLogger
  }

  /** Answers whether everything is in as many mailboxes as it should be. */
  async fill(boxes: readonly ToldBox[], stopped: AbortSignal): Promise<boolean> {
    const results = await Promise.all(boxes.map(box => this.#fillBox(box, false, stopped)))
    return results.every(isDone => isDone)
  }

  /** The same for the news alone: the twin is here, and this device of it is not. */
  tell(box: ToldBox, stopped: AbortSignal): Promise<boolean> {
    return this.#fillBox(box, true, stopped)
  }

  async #fillBox(box: ToldBox, isNewsOnly: boolean, stopped: AbortSignal): Promise<boolean> {
    let filled = 0
    for (const mailbox of box.mailboxes) {
      if (filled === wantedMailboxes) break
      try {
        const limits = [stopped, AbortSignal.timeout(visitTimeoutMs)]
        if (await withSignal(limits, signal => this.#fillMailbox(box, mailbox, isNewsOnly, signal))) filled++
      } catch (error) {
        this.#log.debug('A mailbox did not take it: %o', error)
      }
    }
    return filled >= Math.min(wantedMailboxes, box.mailboxes.length)
  }

  /** Answers whether the mailbox has all that is lacking now. */
  async #fillMailbox(box: ToldBox, mailbox: ToldMailbox, isNewsOnly: boolean, signal: AbortSignal): Promise<boolean> {
    const { replica, channelTo, sent, news, onHeld, lookIn } = this.#components
    const { twin } = box
    const place = { twin, box: box.box, mailbox: mailbox.key }
    const held = (space: Uint8Array, log: LogId) => sent.get({ twin, mailbox: mailbox.key, space, log }, this.#now())
    const onDelivered = (space: Uint8Array, log: LogId) => {
      void sent.delete({ twin, space, log }).catch(error => this.#log.debug('A row was not deleted: %o', error))
    }
    const untold = newsFor(twin, this.#components).filter(item => !news.isTold(place, item, this.#now()))
    const due = untold.filter(item => news.waitOf(place, item) === 0)
    for (const item of untold) if (!due.includes(item)) lookIn(news.waitOf(place, item))
    let client: ReturnType<typeof createClient<typeof mailboxProtocol>> | undefined
    try {
      let count = 0
      for await (const planned of planDeliveries({ replica, twin, held, news: due, isNewsOnly, onDelivered })) {
        if (count++ === maxParcels) return false
        client ??= createClient(mailboxProtocol, await channelTo(mailbox, { signal }))
        const expires = await this.#leave(client, box, mailbox, planned, signal)
        const rows = planned.reached.map(reached => ({ ...reached, twin, mailbox: mailbox.key, expires }))
        if (rows.length > 0) await sent.put(rows)
        if (planned.told.length > 0) await news.put(place, planned.told, expires)
        for (const { space, log } of planned.reached) onHeld(space, log)
      }
      return true
    } finally {
      await client?.close()
    }
  }

  async #leave(
    client: ReturnType<typeof createClient<typeof mailboxProtocol>>,
    { box, key }: ToldBox,
    mailbox: ToldMailbox,
    { delivery }: PlannedDelivery,
    signal: AbortSignal
  ): Promise<number> {
    const { me, crypto } = this.#components
    const content = await deliveryToContent(delivery, me, box, crypto)
    const parcel = await sealParcel(content, { box, key }, crypto)
    const { receipt } = await client.deposit({ box, token: mailbox.token, parcel }, { signal })
    const hash = crypto.sha256(parcel)
    return await openReceipt(receipt, { mailbox: mailbox.key, box, hash, size: parcel.length }, crypto)
  }
}
