import { bytesToHex } from '../log/index.ts'
import type { Membership } from '../membership/index.ts'
import { afterPrefix, type Batch, hexOf, SpaceKeys, type Store } from '../store/index.ts'
import type { SpaceState } from './replica.ts'

const states: readonly SpaceState[] = ['open', 'offered', 'frozen']

/** Rows of a space that are not its logs: state, membership records in the order they were taken, wraps. */
export class SpaceRecords {
  readonly #store: Store
  readonly #keys: SpaceKeys
  readonly #wraps = new Map<string, Uint8Array>()
  #stored = 0
  /** Keys of wraps that may not be on synced storage, with the batch that they were first in. */
  readonly #unsaved = new Map<string, Batch>()

  constructor(store: Store, space: Uint8Array) {
    this.#store = store
    this.#keys = new SpaceKeys(bytesToHex(space))
  }

  /** Hexadecimal ids of all spaces in the store, with their states. */
  static async *all(store: Store): AsyncIterable<[space: string, state: SpaceState]> {
    const prefix = 'meta/space/'
    for await (const [key, value] of store.under(prefix))
      yield [key.slice(prefix.length), states[value[0] ?? 0] ?? 'open']
  }

  async readRecords(): Promise<Uint8Array[]> {
    const records: Uint8Array[] = []
    for await (const [, record] of this.#store.under(this.#keys.records)) records.push(record)
    this.#stored = records.length
    return records
  }

  async readWraps(): Promise<Uint8Array[]> {
    for await (const [key, wrap] of this.#store.under(this.#keys.wraps)) this.#wraps.set(key, wrap)
    return [...this.#wraps.values()]
  }

  async isStored(): Promise<boolean> {
    return (await this.#store.get(this.#keys.state)) !== undefined
  }

  get wraps(): Iterable<Uint8Array> {
    return this.#wraps.values()
  }

  wrapsOf(epoch: number): Uint8Array[] {
    const prefix = `${this.#keys.wraps}${hexOf(epoch, 8)}/`
    return [...this.#wraps].flatMap(([key, wrap]) => (key.startsWith(prefix) ? [wrap] : []))
  }

  writeState(batch: Batch, state: SpaceState): void {
    batch.put(this.#keys.state, Uint8Array.of(states.indexOf(state)))
  }

  /** Rows for records that have none yet; call `recordsWritten` when they are durable. */
  writeRecords(batch: Batch, membership: Membership, more: readonly Uint8Array[] = []): number {
    const all = [...membership.all(), ...more]
    for (let index = this.#stored; index < all.length; index++) {
      batch.put(`${this.#keys.records}${hexOf(index, 8)}`, all[index]!)
    }
    return all.length
  }

  /**
   * Rows that a failed write left out: what is decided by others counts when it was received, and what is written under it must not
   * outlive it. Answers what to call when they are durable; undefined when there are none.
   */
  writeMissing(batch: Batch, membership: Membership): (() => void) | undefined {
    const count = membership.size
    const wraps = [...this.#unsaved.keys()]
    if (count <= this.#stored && wraps.length === 0) return undefined
    this.writeRecords(batch, membership)
    for (const key of wraps) batch.put(key, this.#wraps.get(key)!)
    return () => {
      this.recordsWritten(count)
      for (const key of wraps) this.#unsaved.delete(key)
    }
  }

  /** All rows that `writeState`, `writeRecords` and `writeWrap` made. */
  async remove(batch: Batch): Promise<void> {
    batch.del(this.#keys.state)
    for (const prefix of [this.#keys.records, this.#keys.wraps]) {
      for await (const key of this.#store.keys({ gt: prefix, lt: afterPrefix(prefix) })) batch.del(key)
    }
  }

  /** A batch is on synced storage. */
  written(batch: Batch): void {
    for (const [key, of] of this.#unsaved) if (of === batch) this.#unsaved.delete(key)
  }

  recordsWritten(count: number): void {
    this.#stored = Math.max(this.#stored, count)
  }

  hasWrap(epoch: number, twin: Uint8Array, device: number): boolean {
    return this.#wraps.has(this.#wrapKey(epoch, twin, device))
  }

  writeWrap(batch: Batch, epoch: number, twin: Uint8Array, device: number, wrap: Uint8Array): void {
    const key = this.#wrapKey(epoch, twin, device)
    this.#wraps.set(key, wrap)
    this.#unsaved.set(key, batch)
    batch.put(key, wrap)
  }

  #wrapKey(epoch: number, twin: Uint8Array, device: number): string {
    return `${this.#keys.wraps}${hexOf(epoch, 8)}/${SpaceKeys.log(twin, device)}`
  }
}
