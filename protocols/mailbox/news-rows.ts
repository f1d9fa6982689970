import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Database, Known } from '../../crdt/index.ts'
import { asBytes, asUint, bytesToHex } from '../../crdt/log/index.ts'
import type { Clock } from '../core/index.ts'
import type { News } from './news.ts'
import { readMany } from './read-many.ts'

const prefix = 'box/n/'
/** In place of a mailbox: the device itself was met and lacked nothing */
const met = 'met'
/** Changes of one list or space that are left in one box within the hour: whoever makes more fills no quota with them */
const maxAnHour = 4
const hour = 3_600_000

/** Whom something was told, and where it was left. */
export interface NewsPlace {
  readonly twin: Uint8Array
  readonly box: Uint8Array
  /** Absent: told directly */
  readonly mailbox?: Uint8Array
}

export interface NewsRow {
  readonly mark: Uint8Array
  /** ms since 1970 until which a mailbox keeps it */
  readonly expires: number
}

/** Which news each device of a contact has, or has waiting in a mailbox, so that each is left once. */
export class NewsRows {
  readonly #db: Database
  readonly #clock: Clock
  readonly #rows = new Map<string, NewsRow>()
  /** When each was left lately, on the clock */
  readonly #left = new Map<string, readonly number[]>()

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  async load(): Promise<void> {
    for await (const [key, value] of this.#db.iterator({ gt: prefix, lt: `${prefix}~` })) {
      this.#rows.set(key, rowToNews(value))
    }
  }

  /** Whether the device knows, or finds it in this mailbox. */
  isTold(place: NewsPlace, news: News, now: number): boolean {
    return [keyOf(place, news), keyOf({ ...place, mailbox: undefined }, news)].some(key => {
      const row = this.#rows.get(key)
      return row !== undefined && row.expires > now && equals(row.mark, news.mark)
    })
  }

  /** Milliseconds for which it has to wait because others like it were left within the hour. */
  waitOf(place: NewsPlace, news: News): number {
    const left = this.#left.get(keyOf(place, news)) ?? []
    return left.length < maxAnHour ? 0 : Math.max(0, left[0]! + hour - this.#clock.now())
  }

  /** The receipt of a mailbox holds until `expires`; what was told directly is known for ever. */
  async put(place: NewsPlace, all: readonly News[], expires = Number.MAX_SAFE_INTEGER): Promise<void> {
    const batch = this.#db.batch()
    for (const news of all) batch.put(keyOf(place, news), newsToRow({ mark: news.mark, expires }))
    await batch.write({ sync: true } as object)
    for (const news of all) {
      const key = keyOf(place, news)
      this.#rows.set(key, { mark: news.mark, expires })
      this.#left.set(key, [...(this.#left.get(key) ?? []), this.#clock.now()].slice(-maxAnHour))
    }
  }
}

export function newsToRow({ mark, expires }: NewsRow): Uint8Array {
  return encode([1, mark, expires])
}

export function rowToNews(row: Uint8Array): NewsRow {
  const [, mark, expires] = readMany(decode(row), 3, 3)
  return { mark: asBytes(mark, 32), expires: asUint(expires) }
}

function keyOf({ twin, box, mailbox }: NewsPlace, { kind, id }: Known): string {
  const place = mailbox === undefined ? met : bytesToHex(mailbox)
  return `${prefix}${bytesToHex(twin)}/${bytesToHex(box)}/${place}/${kind}/${bytesToHex(id)}`
}
