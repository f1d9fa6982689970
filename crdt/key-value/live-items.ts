import type { LiveItem } from './item.ts'

/** Places without an item from which on they are given up, when they are more than those with one. */
const leastHoles = 32

/**
 * The live items that one client wrote, in the order of their clocks. Nearly all come at the end and are looked for one after the
 * other, where a map of as many would be searched, and grown, at a cost that shows in every write.
 */
export class LiveItems {
  #clocks: number[] = []
  #items: (LiveItem | undefined)[] = []
  #live = 0
  /** Where the last one that was asked for stands */
  #at = 0

  /** Places that are kept, those without an item included. */
  get places(): number {
    return this.#items.length
  }

  add(item: LiveItem): void {
    const { clock } = item
    const { length } = this.#clocks
    const place = length === 0 || clock > this.#clocks[length - 1]! ? length : this.#placeOf(clock)
    if (this.#clocks[place] === clock) {
      if (this.#items[place] === undefined) this.#live++
      this.#items[place] = item
      return
    }
    this.#live++
    if (place === length) {
      this.#clocks.push(clock)
      this.#items.push(item)
    } else {
      this.#clocks.splice(place, 0, clock)
      this.#items.splice(place, 0, item)
    }
  }

  get(clock: number): LiveItem | undefined {
    const next = this.#at + 1
    this.#at = this.#clocks[next] === clock ? next : this.#placeOf(clock)
    return this.#clocks[this.#at] === clock ? this.#items[this.#at] : undefined
  }

  remove(clock: number): void {
    const place = this.#placeOf(clock)
    if (this.#clocks[place] !== clock || this.#items[place] === undefined) return
    this.#items[place] = undefined
    this.#live--
    const holes = this.#items.length - this.#live
    if (holes >= leastHoles && holes > this.#live) this.#close()
  }

  /** Those of a range of clocks. */
  within(clock: number, length: number): LiveItem[] {
    const found: LiveItem[] = []
    for (let place = this.#placeOf(clock); place < this.#clocks.length; place++) {
      if (this.#clocks[place]! >= clock + length) break
      const item = this.#items[place]
      if (item !== undefined) found.push(item)
    }
    return found
  }

  /** The first place whose clock is not before this one. */
  #placeOf(clock: number): number {
    let [low, high] = [0, this.#clocks.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#clocks[middle]! < clock) low = middle + 1
      else high = middle
    }
    return low
  }

  #close(): void {
    this.#clocks = this.#clocks.filter((_, place) => this.#items[place] !== undefined)
    this.#items = this.#items.filter(item => item !== undefined)
    this.#at = 0
  }
}
