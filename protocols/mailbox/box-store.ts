import type { Database } from '../../crdt/index.ts'
import {
  type BoxTerms,
  type HeldParcel,
  HostedBox,
  parcelToRow,
  rowToParcel,
  rowToTerms,
  termsToRow
} from './hosted-box.ts'

const boxes = 'box/b/'
const metas = 'box/m/'
const parcels = 'box/p/'

/** Boxes on disk (crdt/FORMATS.md §19). Every change is on synced storage when its promise resolves. */
export class BoxStore {
  readonly #db: Database
  readonly #repair: () => Promise<void>
  #isBroken = false

  /** @param repair closes and opens the database: after a failed write a handle may lose what it says it wrote */
  constructor(db: Database, repair: () => Promise<void>) {
    this.#db = db
    this.#repair = repair
  }

  async load(): Promise<Map<string, HostedBox>> {
    const found = new Map<string, HostedBox>()
    for await (const [key, row] of this.#db.iterator(under(boxes)))
      found.set(key.slice(boxes.length), new HostedBox(rowToTerms(row)))
    for await (const [key, row] of this.#db.iterator(under(metas))) {
      const [box = '', place = ''] = key.slice(metas.length).split('/')
      found.get(box)?.add(rowToParcel(Number.parseInt(place, 16), row))
    }
    return found
  }

  putTerms(box: string, terms: BoxTerms): Promise<void> {
    return this.#write(batch => batch.put(boxes + box, termsToRow(terms)))
  }

  putParcel(box: string, parcel: HeldParcel, bytes: Uint8Array, replaced: readonly HeldParcel[]): Promise<void> {
    return this.#write(batch => {
      for (const { place } of replaced) batch.del(keyOf(metas, box, place)).del(keyOf(parcels, box, place))
      batch.put(keyOf(metas, box, parcel.place), parcelToRow(parcel))
      batch.put(keyOf(parcels, box, parcel.place), bytes)
    })
  }

  deleteParcels(box: string, gone: readonly HeldParcel[]): Promise<void> {
    return this.#write(batch => {
      for (const { place } of gone) batch.del(keyOf(metas, box, place)).del(keyOf(parcels, box, place))
    })
  }

  deleteBox(box: string, held: readonly HeldParcel[]): Promise<void> {
    return this.#write(batch => {
      for (const { place } of held) batch.del(keyOf(metas, box, place)).del(keyOf(parcels, box, place))
      batch.del(boxes + box)
    })
  }

  async parcel(box: string, place: number): Promise<Uint8Array | undefined> {
    return await this.#db.get(keyOf(parcels, box, place))
  }

  async #write(fill: (batch: ReturnType<Database['batch']>) => void): Promise<void> {
    if (this.#isBroken) {
      await this.#repair()
      this.#isBroken = false
    }
    const batch = this.#db.batch()
    fill(batch)
    try {
      // classic-level's own option; implementations without a disk ignore it
      await batch.write({ sync: true } as object)
    } catch (cause) {
      this.#isBroken = true
      throw new Error('The mailbox could not write to its disk', { cause })
    }
  }
}

function keyOf(prefix: string, box: string, place: number): string {
  return `${prefix}${box}/${place.toString(16).padStart(14, '0')}`
}

function under(prefix: string): { gt: string; lt: string } {
  return { gt: prefix, lt: `${prefix}~` }
}
