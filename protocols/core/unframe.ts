import { bigChunk } from './cbor-encode.ts'
import type { Clock } from './clock.ts'
import { ProtocolError } from './errors.ts'
import { lengthWidth, malformed } from './frame.ts'
import { unreadBytes, unsentBytes } from './spent-bytes.ts'

export interface UnframeOptions {
  readonly maxMessageSize: number
  /** Time for a frame to be complete after its first byte */
  readonly progressMs: number
  readonly clock: Clock
  /** Called once when a frame took longer; it is expected to break the stream that feeds the source */
  readonly onStalled: (error: ProtocolError) => void
}

/**
 * Cuts a stream of bytes into frames, as a step of an `it-pipe` pipeline. It yields all frames of a chunk at once, for a call
 * per frame would cost more than the frame. A declared length is checked against the limit before anything is kept for it.
 */
export function unframe(options: UnframeOptions) {
  return (source: AsyncIterable<Uint8Array>): AsyncIterableIterator<Uint8Array[]> => new Unframing(source, options)
}

/** Written out, because an async generator takes three turns of the microtask queue for each chunk. */
class Unframing implements AsyncIterableIterator<Uint8Array[]> {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #options: UnframeOptions
  readonly #cutter: FrameCutter
  #stopWatch: (() => void) | undefined

  constructor(source: AsyncIterable<Uint8Array>, options: UnframeOptions) {
    this.#source = source[Symbol.asyncIterator]()
    this.#options = options
    this.#cutter = new FrameCutter(options.maxMessageSize)
  }

  async next(): Promise<IteratorResult<Uint8Array[]>> {
    try {
      for (;;) {
        const { done, value } = await this.#source.next()
        if (done === true) break
        const frames = this.#cutter.push(value)
        this.#watch(frames.length > 0)
        if (frames.length > 0) return { done: false, value: frames }
      }
      if (this.#cutter.isPartial) throw new ProtocolError('Unavailable', 'The stream ended within a frame')
      return { done: true, value: undefined }
    } catch (error) {
      this.#unwatch()
      await this.#source.return?.()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array[]>> {
    this.#unwatch()
    await this.#source.return?.()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** A frame that has begun has its time, counted anew for each. */
  #watch(hasCompleted: boolean): void {
    if (this.#stopWatch !== undefined && (hasCompleted || !this.#cutter.isPartial)) this.#unwatch()
    if (!this.#cutter.isPartial) return
    const { clock, progressMs, onStalled } = this.#options
    this.#stopWatch ??= clock.after(progressMs, () =>
      onStalled(new ProtocolError('DeadlineExceeded', 'A frame did not arrive in time'))
    )
  }

  #unwatch(): void {
    this.#stopWatch?.()
    this.#stopWatch = undefined
  }
}

/**
 * The state between chunks: at most one frame, of which only the bytes that arrived take memory. Pieces that are large are kept as
 * they came and copied once, into a frame of the right size; small ones are copied together, for each would keep a whole packet.
 */
export class FrameCutter {
  readonly #maxMessageSize: number
  readonly #pieces: Uint8Array[] = []
  #piecesSize = 0
  /** Bytes behind the pieces */
  #kept = new Uint8Array(0)
  #keptSize = 0
  /** Bytes of length and payload that complete the kept frame; unknown while its length is cut */
  #needed: number | undefined

  constructor(maxMessageSize: number) {
    this.#maxMessageSize = maxMessageSize
  }

  get isPartial(): boolean {
    return this.#size > 0
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let offset = 0
    while (offset < chunk.length) {
      if (!this.isPartial) {
        const length = readLength(chunk, offset, this.#maxMessageSize)
        const start = length === undefined ? 0 : offset + lengthWidth(length)
        if (length !== undefined && start + length <= chunk.length) {
          frames.push(chunk.subarray(start, start + length))
          unreadBytes.keep(chunk)
          offset = start + length
          continue
        }
        this.#needed = length === undefined ? undefined : start - offset + length
      }
      offset += this.#keep(chunk, offset)
      if (this.#size === this.#needed) frames.push(this.#takeFrame())
    }
    return frames
  }

  get #size(): number {
    return this.#piecesSize + this.#keptSize
  }

  #keep(chunk: Uint8Array, offset: number): number {
    const count = Math.min((this.#needed ?? this.#size + 1) - this.#size, chunk.length - offset)
    const piece = chunk.subarray(offset, offset + count)
    if (count >= bigChunk) {
      this.#endKept()
      this.#pieces.push(piece)
      this.#piecesSize += count
    } else {
      this.#copy(piece)
    }
    if (this.#needed === undefined) {
      const length = readLength(this.#kept.subarray(0, this.#keptSize), 0, this.#maxMessageSize)
      if (length !== undefined) this.#needed = this.#keptSize + length
    }
    return count
  }

  #copy(piece: Uint8Array): void {
    const size = this.#keptSize + piece.length
    if (size > this.#kept.length) {
      const most = this.#needed === undefined ? size : this.#needed - this.#piecesSize
      const larger = new Uint8Array(Math.min(most, Math.max(size, this.#kept.length * 2)))
      larger.set(this.#kept.subarray(0, this.#keptSize))
      this.#kept = larger
    }
    this.#kept.set(piece, this.#keptSize)
    this.#keptSize = size
    spend(piece)
  }

  #endKept(): void {
    if (this.#keptSize === 0) return
    this.#pieces.push(this.#kept.subarray(0, this.#keptSize))
    this.#piecesSize += this.#keptSize
    this.#kept = new Uint8Array(0)
    this.#keptSize = 0
  }

  #takeFrame(): Uint8Array {
    this.#endKept()
    const [first] = this.#pieces
    const frame = this.#pieces.length === 1 ? first! : join(this.#pieces, this.#piecesSize)
    if (frame === first) unreadBytes.keep(frame)
    else for (const piece of this.#pieces) spend(piece)
    this.#pieces.length = 0
    this.#piecesSize = 0
    this.#needed = undefined
    return frame.subarray(lengthWidthAt(frame))
  }
}

/** What was copied is needed no more, whether a carrier read it or passed it on. */
function spend(piece: Uint8Array): void {
  unreadBytes.spend(piece)
  unsentBytes.spend(piece)
}

function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size)
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}

/** The length at an offset; undefined while bytes of it are missing. */
function readLength(bytes: Uint8Array, offset: number, max: number): number | undefined {
  let length = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[offset + i]
    if (byte === undefined) return undefined
    length |= (byte & 0x7f) << (7 * i)
    if (byte >= 0x80) continue
    if (byte === 0) throw malformed(i > 0 ? 'length is not in its shortest form' : 'a frame is not empty')
    if (length > max) break
    return length
  }
  throw new ProtocolError('TooLarge', `Message is above ${max} bytes`)
}

function lengthWidthAt(bytes: Uint8Array): number {
  let width = 1
  while (bytes[width - 1]! >= 0x80) width++
  return width
}
