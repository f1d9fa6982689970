import type { ByteStream } from './byte-stream.ts'
import type { Clock } from './clock.ts'
import { ProtocolError, toUnavailable } from './errors.ts'
import { errorToWire, type Frame, malformed, wireToError } from './frame.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { ProtocolLimits } from './limits.ts'
import type { FrameHandler } from './read-frames.ts'

export interface FlowOptions {
  readonly stream: ByteStream
  readonly writer: FrameWriter
  readonly limits: ProtocolLimits
  readonly clock: Clock
  /** Checks an item of the peer; throws the `ProtocolError` that a bad one ends the call with */
  readonly check: (item: unknown) => unknown
  /** The end that opened the call; only the other may end it */
  readonly isCaller: boolean
  /** Window that the peer granted with its first frame, if that was read already */
  readonly peerWindow?: number
}

interface Queued {
  readonly item: unknown
  readonly size: number
}

/**
 * One end of a call stream: items in both directions under credit windows, explicit ends, and signs of life. Memory is
 * bounded by the window and one message, whatever the peer does.
 */
export class Flow implements FrameHandler, AsyncIterableIterator<unknown> {
  /** Fires when the call is over for a reason other than its regular end */
  readonly signal: AbortSignal
  readonly #options: FlowOptions
  readonly #controller = new AbortController()
  readonly #queue: Queued[] = []
  #peerWindow: number | undefined
  #sentUnacked = 0
  #receivedUnacked = 0
  #consumed = 0
  #isDiscarding = false
  #isInEnded = false
  #isOutEnded = false
  #isOver = false
  #failure: ProtocolError | undefined
  #wakeReader = () => {}
  #wakeSender = () => {}
  #lastSent: number
  #lastReceived: number
  #stopHeartbeat = () => {}

  constructor(options: FlowOptions) {
    this.#options = options
    this.signal = this.#controller.signal
    this.#lastSent = options.clock.now()
    this.#lastReceived = this.#lastSent
    if (options.peerWindow !== undefined) this.#setWindow(options.peerWindow)
    this.#scheduleHeartbeat()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Sends one item as soon as the window allows. */
  async write(item: unknown): Promise<void> {
    while (this.#peerWindow === undefined || this.#sentUnacked >= this.#peerWindow) await this.#credit()
    this.#throwIfOver()
    const size = this.#send({ b: item })
    this.#sentUnacked += size
    const { blocked } = this.#options.writer
    if (blocked !== undefined) await blocked
  }

  /** Says that no more items follow; from the answering end this is the end of the call. */
  finish(): void {
    if (this.#isOutEnded || this.#isOver) return
    this.#isOutEnded = true
    this.#send({ z: true })
    if (!this.#options.isCaller) this.#over()
  }

  /** Ends the call with an error: told to the peer by the answering end, as a cancellation by the calling one. */
  fail(error: ProtocolError): void {
    if (this.#isOver) return
    try {
      this.#send(this.#options.isCaller ? { x: true } : { e: errorToWire(error) })
    } catch {
      // The stream is broken already, which tells the peer as much
    }
    this.#over(error)
  }

  receive(frame: Frame, size: number): void {
    this.#lastReceived = this.#options.clock.now()
    if (this.#isOver) return
    const { isCaller } = this.#options
    if (frame.e !== undefined && isCaller) {
      this.#over(wireToError(frame.e))
      return
    }
    if (frame.x === true && !isCaller) {
      this.#over(new ProtocolError('Cancelled', 'The caller gave up'))
      return
    }
    if (frame.w !== undefined) this.#acknowledged(frame.w)
    if ('b' in frame) this.#received(frame.b, size)
    if (frame.z === true) {
      this.#isInEnded = true
      if (isCaller) this.#over()
      else this.#wakeReader()
    }
  }

  ended(error?: ProtocolError): void {
    this.#over(error ?? new ProtocolError('Unavailable', 'The stream closed without an end marker'))
  }

  async next(): Promise<IteratorResult<unknown>> {
    while (true) {
      const queued = this.#queue.shift()
      if (queued !== undefined) {
        this.#acknowledge(queued.size)
        return { done: false, value: queued.item }
      }
      if (this.#failure !== undefined) throw this.#failure
      if (this.#isInEnded || this.#isOver) return { done: true, value: undefined }
      await new Promise<void>(resolve => {
        this.#wakeReader = resolve
      })
    }
  }

  /** Whoever stops reading is not sent any more: what still arrives is dropped and acknowledged. */
  async return(): Promise<IteratorResult<unknown>> {
    this.#isDiscarding = true
    for (const { size } of this.#queue.splice(0)) this.#acknowledge(size)
    if (this.#options.isCaller) this.fail(new ProtocolError('Cancelled', 'The caller stopped reading'))
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #received(item: unknown, size: number): void {
    const { limits, check } = this.#options
    if (this.#isInEnded) throw malformed('an item follows the end')
    if (this.#receivedUnacked >= limits.window) {
      throw new ProtocolError('ResourceExhausted', 'The peer sent more than its credit')
    }
    this.#receivedUnacked += size
    if (this.#isDiscarding) {
      this.#acknowledge(size)
      return
    }
    try {
      this.#queue.push({ item: check(item), size })
    } catch (error) {
      this.fail(toUnavailable(error))
    }
    this.#wakeReader()
  }

  #acknowledge(size: number): void {
    this.#consumed += size
    if (this.#isOver || this.#isInEnded || this.#consumed < this.#options.limits.window / 4) return
    this.#receivedUnacked -= this.#consumed
    this.#send({ w: this.#consumed })
    this.#consumed = 0
  }

  #acknowledged(count: number): void {
    if (count === 0) return
    if (this.#peerWindow === undefined) {
      this.#setWindow(count)
    } else if (count > this.#sentUnacked) {
      throw malformed('more was acknowledged than is out')
    } else {
      this.#sentUnacked -= count
    }
    this.#wakeSender()
  }

  /** A peer may offer any window; ours bounds what we keep in memory for it. */
  #setWindow(window: number): void {
    this.#peerWindow = Math.min(window, this.#options.limits.window)
  }

  async #credit(): Promise<void> {
    this.#throwIfOver()
    const { clock, limits } = this.#options
    const stop = clock.after(limits.progressMs, () => {
      this.fail(new ProtocolError('DeadlineExceeded', 'The peer granted no credit in time'))
    })
    await new Promise<void>(resolve => {
      this.#wakeSender = resolve
    })
    stop()
  }

  #send(frame: Frame): number {
    this.#lastSent = this.#options.clock.now()
    return this.#options.writer.send(frame)
  }

  #throwIfOver(): void {
    if (this.#isOver) throw this.#failure ?? new ProtocolError('Cancelled', 'The call is over')
  }

  #over(error?: ProtocolError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = error
    this.#stopHeartbeat()
    this.#wakeReader()
    this.#wakeSender()
    if (error !== undefined) this.#controller.abort(error)
    void closeStream(this.#options, error)
  }

  #scheduleHeartbeat(): void {
    const { clock, limits } = this.#options
    const interval = Math.ceil(limits.idleTimeoutMs / 3)
    this.#stopHeartbeat = clock.after(interval, () => this.#heartbeat(interval), { background: true })
  }

  #heartbeat(interval: number): void {
    const { clock, limits } = this.#options
    const now = clock.now()
    if (now - this.#lastReceived >= limits.idleTimeoutMs) {
      this.fail(new ProtocolError('DeadlineExceeded', 'The peer gave no sign of life'))
      return
    }
    try {
      if (now - this.#lastSent >= interval - 1) this.#send({ w: 0 })
    } catch (error) {
      // An earlier write failed, and nobody has written since who would have heard of it
      this.fail(toUnavailable(error))
      return
    }
    this.#scheduleHeartbeat()
  }
}

/** Ends our side, then waits a bounded time for the peer's, since a stream half open is a leak at both ends. */
async function closeStream({ stream, writer, limits, clock }: FlowOptions, error?: Error): Promise<void> {
  const closeError = error ?? new ProtocolError('DeadlineExceeded', 'The peer did not end its side of the stream')
  const stop = clock.after(limits.progressMs, () => stream.abort(closeError), { background: true })
  stream.closed.addEventListener('abort', stop, { once: true })
  if (stream.closed.aborted) stop()
  try {
    await writer.end()
  } catch (reason) {
    stop()
    stream.abort(reason as Error)
  }
}
