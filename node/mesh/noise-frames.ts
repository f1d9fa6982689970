import { Uint8ArrayList } from 'uint8arraylist'
import { freeBytes } from '../../protocols/core/index.ts'

type Bytes = Uint8Array | Uint8ArrayList

/** Bytes of a frame's length: big-endian. */
const lengthSize = 2
/** From here on what arrived is worth freeing. */
const leastPiece = 16 * 1024

export interface NoiseFramesInit {
  /** What arrived before */
  readonly buffered: Bytes
  /** Frees what was read: only where nobody else holds what arrived */
  readonly isOwner: boolean
  /** Frames below this are decrypted in place */
  readonly inPlaceBelow: number
}

/** Cuts what arrives into Noise frames. A frame is to be decrypted before the next is asked for, since its bytes may be gone then. */
export class NoiseFrames {
  readonly #init: NoiseFramesInit
  readonly #pieces: Uint8Array[] = []
  /** Bytes of the first piece that were read */
  #read = 0
  #length = 0

  constructor(init: NoiseFramesInit) {
    this.#init = init
    this.#append(init.buffered)
  }

  *decode(bytes: Bytes): Generator<Bytes> {
    this.#append(bytes)
    for (let size = this.#nextSize(); size !== undefined; size = this.#nextSize()) {
      this.#skip(lengthSize)
      if (size > 0) yield this.#frame(size)
      this.#skip(size)
    }
  }

  #append(bytes: Bytes): void {
    for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
      if (piece.length > 0) this.#pieces.push(piece)
    }
    this.#length += bytes.length
  }

  /** Length of the next frame, once all of it is here. */
  #nextSize(): number | undefined {
    if (this.#length < lengthSize) return undefined
    const [first, second] = this.#pieces
    const high = first![this.#read]!
    const low = this.#read + 1 < first!.length ? first![this.#read + 1]! : second![0]!
    const size = (high << 8) | low
    return this.#length < lengthSize + size ? undefined : size
  }

  #frame(size: number): Bytes {
    const first = this.#pieces[0]!
    if (this.#read + size <= first.length) {
      const frame = first.subarray(this.#read, this.#read + size)
      // In place, it would be gone with what arrived around it
      const mustCopy = size < this.#init.inPlaceBelow && this.#isFreed(first)
      return mustCopy ? Uint8Array.from(frame) : frame
    }
    const frame = new Uint8ArrayList()
    for (let i = 0, at = this.#read; frame.length < size; i++, at = 0) {
      const piece = this.#pieces[i]!
      frame.append(piece.subarray(at, Math.min(piece.length, at + size - frame.length)))
    }
    return frame
  }

  #skip(size: number): void {
    this.#length -= size
    this.#read += size
    for (let first = this.#pieces[0]; first !== undefined && this.#read >= first.length; first = this.#pieces[0]) {
      this.#read -= first.length
      this.#pieces.shift()
      if (this.#isFreed(first)) freeBytes(first)
    }
  }

  #isFreed(piece: Uint8Array): boolean {
    return this.#init.isOwner && piece.length >= leastPiece
  }
}
