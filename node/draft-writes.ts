import type { FileHandle } from 'node:fs/promises'

interface Waiting {
  readonly position: number
  readonly bytes: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Bytes after which the disk is asked to write them while more come. */
const flushBytes = 8 * 1024 * 1024
/** Writes that go down in one call; the system takes 1,024. */
const maxTogether = 64

/**
 * What is written to a file of many chunks. One call to the system is under way at a time, and what comes meanwhile and lies one
 * behind the other goes down in the next: a call for each chunk wakes a thread for each, which waits for the same file and a processor.
 */
export class DraftWrites {
  readonly #file: FileHandle
  readonly #waiting: Waiting[] = []
  #isWriting = false
  #writing: Promise<void> = Promise.resolve()
  #unflushed = 0
  #flushing: Promise<void> | undefined
  /** The system tells a failure once, to the first who asks */
  #failure: unknown

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Resolves when the bytes are needed no more. */
  write(position: number, bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ position, bytes, resolve, reject })
      if (!this.#isWriting) this.#writing = this.#writeAll()
    })
  }

  /** Rejects when something that was written did not reach the disk. */
  async end(): Promise<void> {
    await this.#writing
    await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      const together = takeTogether(this.#waiting)
      try {
        const pieces = together.map(({ bytes }) => bytes)
        const size = await writeWhole(this.#file, pieces, together[0]!.position)
        this.#flush(size)
        for (const { resolve } of together) resolve()
      } catch (error) {
        for (const { reject } of together) reject(error)
      }
    }
    this.#isWriting = false
  }

  /** Has the disk write what is there so far, so that the sync at the end has little left to wait for. */
  #flush(size: number): void {
    this.#unflushed += size
    if (this.#unflushed < flushBytes || this.#flushing !== undefined) return
    this.#unflushed = 0
    this.#flushing = this.#file
      .datasync()
      .catch(error => {
        this.#failure ??= error
      })
      .finally(() => {
        this.#flushing = undefined
      })
  }
}

/** Takes the first, and what lies behind it. */
function takeTogether(waiting: Waiting[]): Waiting[] {
  let end = 0
  let count = 0
  for (const { position, bytes } of waiting) {
    if (count === maxTogether || (count > 0 && position !== end)) break
    end = position + bytes.length
    count++
  }
  return waiting.splice(0, count)
}

async function writeWhole(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<number> {
  let left = [...pieces]
  let at = position
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left, at)
    at += bytesWritten
    left = without(left, bytesWritten)
  }
  return at - position
}

/** What is left of pieces behind so many bytes. */
function without(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = []
  let skip = count
  for (const piece of pieces) {
    if (skip >= piece.length) skip -= piece.length
    else {
      left.push(piece.subarray(skip))
      skip = 0
    }
  }
  return left
}
