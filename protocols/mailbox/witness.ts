import type { Crypto, Signer } from '../../crdt/crypto/index.ts'
import type { Database, OwnHead, OwnHeads } from '../../crdt/index.ts'
import { bytesToHex, type LogId } from '../../crdt/log/index.ts'
import { type Channel, type Clock, createClient, type Logger, silentLogger, systemClock } from '../core/index.ts'
import { depositToken } from './deposit-token.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import type { OwnBox, OwnBoxes } from './own-boxes.ts'
import { noteToContent } from './own-note.ts'
import { mailboxProtocol } from './protocol.ts'
import { openReceipt } from './receipt.ts'
import { sealParcel } from './sealed-parcel.ts'

export interface WitnessComponents {
  readonly me: LogId & { readonly signer: Signer }
  /** Transport key of this device, and the key that parcels for it are sealed to */
  readonly box: { readonly box: Uint8Array; readonly key: Uint8Array }
  readonly db: Database
  readonly heads: OwnHeads
  readonly own: OwnBoxes
  readonly crypto: Crypto
  readonly channelTo: (mailbox: MailboxAddress, options: { signal: AbortSignal }) => Promise<Channel>
  readonly clock?: Clock
  readonly log?: Logger
}

const prefix = 'box/w/'
/** A mailbox that does not answer for so long after a start keeps nobody from being told what is new. */
const heldMs = 60_000
/** A stop is not kept waiting longer. */
const leaveMs = 3000

/**
 * The box of this device as witness of its logs. Before it stops the device leaves a note there of how far it has shown them; at the
 * next start it takes the note out, which works once. As long as the note is there nothing more is shown, so it is true when it is
 * taken out, and a disk that was set back finds none or one that says more than it has.
 */
export class Witness {
  readonly #components: WitnessComponents
  readonly #log: Logger
  /** Mailboxes, in hexadecimal, that may have a note */
  readonly #noted = new Set<string>()
  #callOff = () => {}

  constructor(components: WitnessComponents) {
    this.#components = components
    this.#log = components.log ?? silentLogger
  }

  /** Before anybody is met. */
  async load(): Promise<void> {
    const { db, heads, clock = systemClock } = this.#components
    for await (const key of db.keys({ gt: prefix, lt: `${prefix}~` })) this.#noted.add(key.slice(prefix.length))
    if (this.#noted.size === 0) return
    heads.hold()
    this.#callOff = clock.after(heldMs, () => heads.release(), { background: true })
  }

  /** A note was taken out of a box. */
  taken(heads: readonly OwnHead[]): void {
    this.#components.heads.confirm(heads)
  }

  /** A box was emptied, or given up: no note is there any more. */
  async emptied({ key }: MailboxAddress): Promise<void> {
    const { db, heads } = this.#components
    const mailbox = bytesToHex(key)
    if (!this.#noted.has(mailbox)) return
    await db.del(prefix + mailbox, { sync: true } as object)
    this.#noted.delete(mailbox)
    if (this.#noted.size > 0) return
    this.#callOff()
    heads.release()
  }

  /** Ends what is shown, and leaves the note in the first box that takes it. Nothing may look into the boxes meanwhile. */
  async close(): Promise<void> {
    const { heads, own } = this.#components
    this.#callOff()
    const boxes = own.all()
    if (boxes.length === 0) return
    const shown = await heads.close()
    if (shown.length === 0) return
    for (const box of boxes) {
      try {
        return await this.#leave(box, shown)
      } catch (error) {
        this.#log.debug('A mailbox did not take the note: %o', error)
      }
    }
  }

  async #leave(mailbox: OwnBox, shown: readonly OwnHead[]): Promise<void> {
    const { me, box, db, crypto, channelTo } = this.#components
    const signal = AbortSignal.timeout(leaveMs)
    const parcel = await sealParcel(await noteToContent(shown, me, box.box, crypto), box, crypto)
    const token = depositToken(mailbox.secret, mailbox.key, me.twin, crypto)
    const client = createClient(mailboxProtocol, await channelTo(mailbox, { signal }))
    try {
      // First: a note that is there and not known of would be believed later
      await db.put(prefix + bytesToHex(mailbox.key), Uint8Array.of(1), { sync: true } as object)
      const { receipt } = await client.deposit({ box: box.box, token, parcel }, { signal })
      const hash = crypto.sha256(parcel)
      await openReceipt(receipt, { mailbox: mailbox.key, box: box.box, hash, size: parcel.length }, crypto)
    } finally {
      await client.close()
    }
  }
}
