import { type Crypto, decode, encode } from '../../crdt/crypto/index.ts'
import { twinToText } from '../../crdt/identity/index.ts'
import type { Database } from '../../crdt/index.ts'
import { asBytes, bytesToHex, hexToBytes } from '../../crdt/log/index.ts'
import { depositToken, tokenHash } from './deposit-token.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import { readMany } from './read-many.ts'

const prefix = 'box/u/'

/** A mailbox in which this device has its box. */
export interface OwnBox extends MailboxAddress {
  /** Peer id of the mailbox */
  readonly id: string
  /** Tokens of contacts are made from it; it never leaves this device */
  readonly secret: Uint8Array
}

/** The mailboxes that the owner chose for this device. */
export class OwnBoxes {
  readonly #db: Database
  readonly #crypto: Crypto
  readonly #boxes = new Map<string, OwnBox>()

  constructor(db: Database, crypto: Crypto) {
    this.#db = db
    this.#crypto = crypto
  }

  async load(): Promise<void> {
    for await (const [key, row] of this.#db.iterator({ gt: prefix, lt: `${prefix}~` })) {
      const [, addresses, secret] = readMany(decode(row), 3, 3)
      const address = {
        key: hexToBytes(key.slice(prefix.length)),
        addresses: readMany(addresses, 16).map(bytes => asBytes(bytes))
      }
      const id = twinToText(address.key)
      this.#boxes.set(id, { ...address, id, secret: asBytes(secret, 32) })
    }
  }

  all(): OwnBox[] {
    return [...this.#boxes.values()]
  }

  get(id: string): OwnBox | undefined {
    return this.#boxes.get(id)
  }

  /** Addresses of one that is there are replaced, its tokens stay. */
  async add({ key, addresses }: MailboxAddress): Promise<OwnBox> {
    const id = twinToText(key)
    const secret = this.#boxes.get(id)?.secret ?? this.#crypto.randomBytes(32)
    const box = { key, addresses, id, secret }
    await this.#db.put(prefix + bytesToHex(key), encode([1, [...addresses], secret]), { sync: true } as object)
    this.#boxes.set(id, box)
    return box
  }

  async remove({ id, key }: OwnBox): Promise<void> {
    await this.#db.del(prefix + bytesToHex(key), { sync: true } as object)
    this.#boxes.delete(id)
  }

  /** What a contact is told. */
  tokensFor(contact: Uint8Array): { mailbox: Uint8Array; token: Uint8Array }[] {
    return this.all().map(box => ({
      mailbox: box.key,
      token: depositToken(box.secret, box.key, contact, this.#crypto)
    }))
  }

  /** What a mailbox is told. */
  hashesFor(box: OwnBox, contacts: readonly Uint8Array[]): Uint8Array[] {
    return contacts.map(contact => tokenHash(depositToken(box.secret, box.key, contact, this.#crypto), this.#crypto))
  }
}
