import type { ByteStream } from './byte-stream.ts'
import { bigChunk } from './cbor-encode.ts'
import type { Clock } from './clock.ts'
import { ProtocolError, toUnavailable } from './errors.ts'
import { encodeFrame, type Frame } from './frame.ts'

/** Bytes of small chunks that go into one write, at most. */
const maxJoined = 4 * bigChunk

export interface FrameWriterOptions {
  readonly maxMessageSize: number
  /** Longest time for the carrier to take what was written */
  readonly progressMs: number
  readonly clock: Clock
}

/**
 * Collects the frames of one turn into a single write: on libp2p each write costs a frame of the muxer and one of the
 * encryption, so sixty calls in one write are five times as many a second. Chunks that are large already are not copied.
 */
export class FrameWriter {
  readonly #stream: ByteStream
  readonly #options: FrameWriterOptions
  #chunks: Uint8Array[] = []
  #size = 0
  #isScheduled = false
  #blocked: Promise<void> | undefined
  #failure: ProtocolError | undefined
  readonly #flush = () => this.#flushNow()

  constructor(stream: ByteStream, options: FrameWriterOptions) {
    this.#stream = stream
    this.#options = options
    stream.countHeld?.(() => this.#size)
  }

  /** Set while the carrier asks to wait; what is sent meanwhile is kept. */
  get blocked(): Promise<void> | undefined {
    return this.#blocked
  }

  /** Encodes at once (so a message that does not fit throws here) and returns the bytes it takes on the wire. */
  send(frame: Frame): number {
    if (this.#failure !== undefined) throw this.#failure
    const parts = encodeFrame(frame, this.#options.maxMessageSize)
    let size = 0
    for (const part of parts) {
      this.#chunks.push(part)
      size += part.length
    }
    this.#size += size
    if (!this.#isScheduled && this.#blocked === undefined) {
      this.#isScheduled = true
      queueMicrotask(this.#flush)
    }
    return size
  }

  /** Resolves when the carrier took everything. */
  async flushed(): Promise<void> {
    this.#flushNow()
    while (this.#blocked !== undefined) await this.#blocked
    if (this.#failure !== undefined) throw this.#failure
  }

  async end(): Promise<void> {
    await this.flushed()
    await this.#stream.end()
  }

  #flushNow(): void {
    this.#isScheduled = false
    if (this.#blocked !== undefined || this.#chunks.length === 0 || this.#failure !== undefined) return
    const chunks = coalesce(this.#chunks)
    this.#chunks = []
    this.#size = 0
    try {
      for (let i = 0; i < chunks.length; ) {
        const [first, second] = [chunks[i]!, chunks[i + 1]]
        // The head of a large frame goes with its body
        const isPair = this.#stream.writeTogether !== undefined && first.length < bigChunk && second !== undefined
        const wait = isPair ? this.#stream.writeTogether!([first, second]) : this.#stream.write(first)
        i += isPair ? 2 : 1
        if (wait === undefined) continue
        this.#chunks = chunks.slice(i)
        for (const chunk of this.#chunks) this.#size += chunk.length
        this.#wait(wait)
        return
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  #wait(write: Promise<void>): void {
    const stop = this.#options.clock.after(this.#options.progressMs, () => {
      const error = new ProtocolError('DeadlineExceeded', 'The peer took no bytes in time')
      this.#fail(error)
      this.#stream.abort(error)
    })
    const blocked = write.then(
      () => {
        stop()
        if (this.#blocked === blocked) this.#blocked = undefined
        this.#flushNow()
      },
      error => {
        stop()
        this.#fail(error)
      }
    )
    this.#blocked = blocked
  }

  #fail(error: unknown): void {
    this.#failure ??= toUnavailable(error)
    this.#blocked = undefined
    this.#chunks = []
    this.#size = 0
  }
}

/** Joins runs of small chunks, each into as many bytes as it has; large ones pass as they are. */
function coalesce(chunks: Uint8Array[]): Uint8Array[] {
  if (chunks.length < 2) return chunks
  const joined: Uint8Array[] = []
  for (let at = 0; at < chunks.length; ) {
    let end = at
    let size = 0
    for (; end < chunks.length; end++) {
      const { length } = chunks[end]!
      if (length >= bigChunk || size + length > maxJoined) break
      size += length
    }
    joined.push(end - at > 1 ? join(chunks, at, end, size) : chunks[at]!)
    at = Math.max(end, at + 1)
  }
  return joined
}

function join(chunks: readonly Uint8Array[], from: number, to: number, size: number): Uint8Array {
  const joined = new Uint8Array(size)
  let filled = 0
  for (let i = from; i < to; i++) {
    joined.set(chunks[i]!, filled)
    filled += chunks[i]!.length
  }
  return joined
}
