import { equals } from 'uint8arrays/equals'
import { type Crypto, decode, encode } from '../../crdt/crypto/index.ts'
import { type DeviceDirectory, openNodeHead } from '../../crdt/identity/index.ts'
import type { Database } from '../../crdt/index.ts'
import { asBytes, bytesToHex, hexToBytes } from '../../crdt/log/index.ts'
import { bytesToMailbox, type MailboxAddress } from './mailbox-address.ts'
import { maxMailboxes } from './protocol.ts'
import { readMany } from './read-many.ts'

const prefix = 'box/t/'

export interface ToldMailbox extends MailboxAddress {
  readonly token: Uint8Array
}

/** Where parcels for one device of a contact can be left. */
export interface ToldBox {
  readonly twin: Uint8Array
  /** Transport key of the device */
  readonly box: Uint8Array
  /** Key that parcels are sealed to */
  readonly key: Uint8Array
  readonly mailboxes: readonly ToldMailbox[]
  /** ms since 1970, of the head */
  readonly at: number
}

export interface Told {
  readonly head: Uint8Array
  readonly tokens: readonly { readonly mailbox: Uint8Array; readonly token: Uint8Array }[]
}

/** What contacts said about their mailboxes. It counts only as signed by an admin device, and never goes back. */
export class ToldBoxes {
  readonly #db: Database
  readonly #directory: DeviceDirectory
  readonly #crypto: Crypto
  readonly #boxes = new Map<string, ToldBox>()

  constructor(init: { readonly db: Database; readonly directory: DeviceDirectory; readonly crypto: Crypto }) {
    this.#db = init.db
    this.#directory = init.directory
    this.#crypto = init.crypto
  }

  /** What does not verify any more, because a device was revoked meanwhile, is left out. */
  async load(): Promise<void> {
    for await (const [key, row] of this.#db.iterator({ gt: prefix, lt: `${prefix}~` })) {
      const [twin = '', box = ''] = key.slice(prefix.length).split('/')
      const [, head, tokens] = readMany(decode(row), 3, 3)
      const told = {
        head: asBytes(head),
        tokens: readMany(tokens, maxMailboxes).map(item => {
          const [mailbox, token] = readMany(item, 2, 2)
          return { mailbox: asBytes(mailbox, 32), token: asBytes(token, 16) }
        })
      }
      const read = await this.#read(hexToBytes(twin), hexToBytes(box), told).catch(() => undefined)
      if (read !== undefined) this.#boxes.set(key, read)
    }
  }

  /** Without those of devices that were revoked since they told. */
  all(): ToldBox[] {
    return [...this.#boxes.values()].filter(({ twin, box }) => {
      const list = this.#directory.get(twin)
      const device = list?.byTransport(box)
      return device !== undefined && list?.isRevoked(device.number) === false
    })
  }

  of(twin: Uint8Array): ToldBox[] {
    return this.all().filter(told => equals(told.twin, twin))
  }

  /**
   * Keeps what a device of a contact said.
   *
   * @throws {Error} when it is not signed by an admin device, is older than what is known, or of another device
   */
  async keep(twin: Uint8Array, box: Uint8Array, told: Told): Promise<ToldBox> {
    const key = `${prefix}${bytesToHex(twin)}/${bytesToHex(box)}`
    const read = await this.#read(twin, box, told, this.#boxes.get(key)?.at)
    const tokens = told.tokens.map(({ mailbox, token }) => [mailbox, token])
    await this.#db.put(key, encode([1, told.head, tokens]), { sync: true } as object)
    this.#boxes.set(key, read)
    return read
  }

  async #read(twin: Uint8Array, box: Uint8Array, { head, tokens }: Told, newest?: number): Promise<ToldBox> {
    const list = await this.#directory.load(twin)
    if (list === undefined) throw new Error('The devices of the twin are not known')
    const { inbox, mailboxes, at } = await openNodeHead(head, { list, crypto: this.#crypto, newest })
    const device = list.byTransport(box)
    const isItsOwn =
      device !== undefined && !list.isRevoked(device.number) && equals(device.certificate.encryption, inbox)
    if (!isItsOwn) throw new Error('The inbox key is not that of the device')
    const named = mailboxes.flatMap(bytes => bytesToMailbox(bytes) ?? [])
    return {
      twin,
      box,
      key: inbox,
      at,
      // Only those in the signed head count, whatever tokens came with it
      mailboxes: named.flatMap(mailbox => {
        const token = tokens.find(other => equals(other.mailbox, mailbox.key))?.token
        return token === undefined ? [] : [{ ...mailbox, token }]
      })
    }
  }
}
