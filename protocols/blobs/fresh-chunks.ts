import { freeItem } from '../core/index.ts'

/** Chunks that are kept in memory behind their write, for readers who are close behind. */
const keptBehind = 4

interface Fresh {
  readonly sealed: Uint8Array
  isWritten: boolean
  /** Readers who are at it now */
  taken: number
}

/** Reads chunks one after the other. */
interface FreshReader {
  /** Number of the chunk that comes next */
  readonly at: number
  /** That chunk, if it is in memory; its bytes stay until `next` or `leave` */
  take(): Uint8Array | undefined
  next(): void
  leave(): void
}

/**
 * Chunks that came and are verified: in memory while they are being written, and for readers who are close behind. Each is given
 * back as soon as it is on the disk and every reader is past it; whoever is far behind reads it from there.
 */
export class FreshChunks {
  readonly #chunks = new Map<number, Fresh>()
  readonly #readers = new Set<{ at: number }>()
  /** Beyond the last that was written */
  #written = 0

  add(index: number, sealed: Uint8Array): void {
    this.#chunks.set(index, { sealed, isWritten: false, taken: 0 })
  }

  written(index: number): void {
    this.#chunks.get(index)!.isWritten = true
    this.#written = index + 1
    this.#drop()
  }

  follow(from: number): FreshReader {
    const reader = { at: from }
    this.#readers.add(reader)
    let taken: Fresh | undefined
    const giveBack = () => {
      if (taken !== undefined) taken.taken--
      taken = undefined
    }
    return {
      get at() {
        return reader.at
      },
      take: () => {
        giveBack()
        taken = this.#chunks.get(reader.at)
        if (taken !== undefined) taken.taken++
        return taken?.sealed
      },
      next: () => {
        giveBack()
        reader.at++
        this.#drop()
      },
      leave: () => {
        giveBack()
        this.#readers.delete(reader)
        this.#drop()
      }
    }
  }

  #drop(): void {
    const least = Math.min(...[...this.#readers].map(({ at }) => at))
    for (const [index, chunk] of this.#chunks) {
      if (!chunk.isWritten) return
      if (chunk.taken > 0 || (index >= least && index >= this.#written - keptBehind)) continue
      this.#chunks.delete(index)
      freeItem(chunk.sealed)
    }
  }
}
