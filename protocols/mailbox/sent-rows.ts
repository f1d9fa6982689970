import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Database } from '../../crdt/index.ts'
import { asUint, bytesToHex, type LogId } from '../../crdt/log/index.ts'
import { readMany } from './read-many.ts'

const prefix = 'box/s/'

export interface Sent {
  /** Up to here a log is in the mailbox */
  readonly seq: number
  /** ms since 1970 until which its receipt holds */
  readonly expires: number
}

export interface SentPlace {
  readonly twin: Uint8Array
  readonly mailbox: Uint8Array
  readonly space: Uint8Array
  readonly log: LogId
}

/** What mailboxes gave receipts for, by whom it is for, so that nothing is left twice and the ladder can show it. */
export class SentRows {
  readonly #db: Database
  /** twin/space/log → mailbox → sent */
  readonly #rows = new Map<string, Map<string, Sent>>()

  constructor(db: Database) {
    this.#db = db
  }

  async load(): Promise<void> {
    for await (const [key, row] of this.#db.iterator({ gt: prefix, lt: `${prefix}~` })) {
      const [twin = '', mailbox = '', ...rest] = key.slice(prefix.length).split('/')
      const [, seq, expires] = readMany(decode(row), 3, 3)
      this.#note(`${twin}/${rest.join('/')}`, mailbox, { seq: asUint(seq), expires: asUint(expires) })
    }
  }

  /** How far a mailbox has a log, by receipts that still hold. */
  get(place: SentPlace, now: number): number {
    const sent = this.#rows.get(groupOf(place))?.get(bytesToHex(place.mailbox))
    return sent === undefined || sent.expires <= now ? 0 : sent.seq
  }

  /** The same for the mailbox that has most. */
  most(place: Omit<SentPlace, 'mailbox'>, now: number): number {
    let most = 0
    for (const { seq, expires } of this.#rows.get(groupOf(place))?.values() ?? []) {
      if (expires > now) most = Math.max(most, seq)
    }
    return most
  }

  async put(rows: readonly (SentPlace & Sent)[]): Promise<void> {
    const batch = this.#db.batch()
    for (const row of rows) batch.put(keyOf(row), encode([1, row.seq, row.expires]))
    await batch.write({ sync: true } as object)
    for (const row of rows) this.#note(groupOf(row), bytesToHex(row.mailbox), row)
  }

  /** They have it now: the receipts say nothing any more. */
  async delete(place: Omit<SentPlace, 'mailbox'>): Promise<void> {
    const group = groupOf(place)
    const mailboxes = this.#rows.get(group)
    if (mailboxes === undefined) return
    this.#rows.delete(group)
    const batch = this.#db.batch()
    for (const mailbox of mailboxes.keys()) batch.del(keyIn(group, mailbox))
    // Lost in a crash it is deleted again
    await batch.write()
  }

  #note(group: string, mailbox: string, { seq, expires }: Sent): void {
    const mailboxes = this.#rows.get(group) ?? new Map<string, Sent>()
    this.#rows.set(group, mailboxes.set(mailbox, { seq, expires }))
  }
}

function groupOf({ twin, space, log }: Omit<SentPlace, 'mailbox'>): string {
  const device = log.device.toString(16).padStart(4, '0')
  return `${bytesToHex(twin)}/${bytesToHex(space)}/${bytesToHex(log.twin)}/${device}`
}

function keyOf(place: SentPlace): string {
  return keyIn(groupOf(place), bytesToHex(place.mailbox))
}

function keyIn(group: string, mailbox: string): string {
  return `${prefix}${group.slice(0, 64)}/${mailbox}${group.slice(64)}`
}
