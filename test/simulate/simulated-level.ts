import { AbstractIterator, type AbstractIteratorOptions, AbstractLevel } from 'abstract-level'
import type { Disk, Operation } from './disk.ts'
import type { Random } from './random.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface SimulatedLevelInit {
  readonly disk: Disk
  readonly time: VirtualTime
  readonly random: Random
}

interface Range {
  readonly gt?: string
  readonly gte?: string
  readonly lt?: string
  readonly lte?: string
  readonly reverse?: boolean
  readonly limit?: number
}

type RowOptions = Range & AbstractIteratorOptions<string, Uint8Array>

/** Share of reads that take time, so that others run meanwhile */
const slowReads = 0.03

/** A Level database on a simulated disk, used by one life of a twin. After `kill` nothing it was asked for ever ends. */
export class SimulatedLevel extends AbstractLevel<string, string, Uint8Array> {
  readonly #init: SimulatedLevelInit
  #rows = new Map<string, Uint8Array>()
  #keys: string[] = []
  #isDead = false

  constructor(init: SimulatedLevelInit) {
    super({ encodings: { utf8: true, view: true } }, { keyEncoding: 'utf8', valueEncoding: 'view' })
    this.#init = init
  }

  kill(): void {
    this.#isDead = true
  }

  async _open(): Promise<void> {
    await this.#pause(1)
    this.#rows = this.#init.disk.open()
    this.#keys = [...this.#rows.keys()].sort()
  }

  async _close(): Promise<void> {
    await this.#pause(1)
    await this.#init.disk.close()
    if (this.#isDead) await never()
  }

  async _get(key: string): Promise<Uint8Array | undefined> {
    await this.#pause(slowReads)
    return this.#rows.get(key)
  }

  async _getMany(keys: string[]): Promise<(Uint8Array | undefined)[]> {
    await this.#pause(slowReads)
    return keys.map(key => this.#rows.get(key))
  }

  async _batch(batch: readonly Operation[], { sync }: { readonly sync?: boolean }): Promise<void> {
    if (this.#isDead) await never()
    // Level copies too: what the caller does with its bytes afterwards is not written
    const operations = batch.map(
      (operation): Operation =>
        operation.type === 'put'
          ? { type: 'put', key: operation.key, value: operation.value.slice() }
          : { type: 'del', key: operation.key }
    )
    await this.#init.disk.write(operations, sync === true)
    for (const operation of operations) this.#apply(operation)
  }

  _iterator(options: RowOptions): RowIterator {
    const entries = this.#range(options).map((key): [string, Uint8Array] => [key, this.#rows.get(key)!])
    return new RowIterator(this, options, entries, () => this.#pause(slowReads))
  }

  async #pause(probability: number): Promise<void> {
    const { time, random } = this.#init
    if (this.#isDead) await never()
    if (random.chance(probability)) await time.wait(random.between(0.1, 15))
    if (this.#isDead) await never()
  }

  #apply(operation: Operation): void {
    const { key } = operation
    if (operation.type === 'put') {
      if (!this.#rows.has(key)) this.#keys.splice(firstAt(this.#keys, key, false), 0, key)
      this.#rows.set(key, operation.value)
    } else if (this.#rows.delete(key)) this.#keys.splice(firstAt(this.#keys, key, false), 1)
  }

  #range({ gt, gte, lt, lte, reverse, limit = -1 }: Range): string[] {
    const all = this.#keys
    const start = gt ?? gte
    const end = lt ?? lte
    const from = start === undefined ? 0 : firstAt(all, start, gt !== undefined)
    const to = end === undefined ? all.length : firstAt(all, end, lt === undefined)
    const keys = all.slice(from, Math.max(from, to))
    if (reverse === true) keys.reverse()
    return limit >= 0 ? keys.slice(0, limit) : keys
  }
}

/** Rows as they were when it was made. */
class RowIterator extends AbstractIterator<SimulatedLevel, string, Uint8Array> {
  readonly #entries: [string, Uint8Array][]
  readonly #pause: () => Promise<void>
  #at = 0

  constructor(db: SimulatedLevel, options: RowOptions, entries: [string, Uint8Array][], pause: () => Promise<void>) {
    super(db, options)
    this.#entries = entries
    this.#pause = pause
  }

  async _next(): Promise<[string, Uint8Array] | undefined> {
    await this.#pause()
    return this.#entries[this.#at++]
  }

  async _nextv(size: number): Promise<[string, Uint8Array][]> {
    await this.#pause()
    const entries = this.#entries.slice(this.#at, this.#at + size)
    this.#at += size
    return entries
  }
}

/** A promise of its own each time: what waits for one that is kept would be kept too. */
function never(): Promise<never> {
  return new Promise(() => {})
}

/** Index of the first key that is not before `key`, or with `after` of the first behind it. */
function firstAt(keys: readonly string[], key: string, after: boolean): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const isBefore = after ? keys[middle]! <= key : keys[middle]! < key
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}
