import { Alarms } from './alarms.ts'
import type { ByteStream, OpenedStream } from './byte-stream.ts'
import { checkReply } from './check.ts'
import type { Clock } from './clock.ts'
import { parseProtocolId } from './define-protocol.ts'
import type { AnyProtocol } from './define-service.ts'
import { ProtocolError } from './errors.ts'
import { type Frame, malformed, wireToError } from './frame.ts'
import { FrameWriter } from './frame-writer.ts'
import { type FrameHandler, readFrames } from './read-frames.ts'
import type { Schema } from './schema.ts'

interface Pending {
  readonly response: Schema
  readonly resolve: (response: unknown) => void
  readonly reject: (error: Error) => void
}

export interface SessionCall {
  readonly method: string
  readonly request: unknown
  readonly response: Schema
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The calling end of a session: the unary calls of one channel and protocol, tagged by number. */
export class ClientSession implements FrameHandler {
  /** Negotiated minor version */
  readonly minor: number
  readonly #protocol: AnyProtocol
  readonly #stream: ByteStream
  readonly #writer: FrameWriter
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  readonly #alarms: Alarms
  #usedAt: number
  #lastId = 0
  #isFinishing = false
  /** Why it is over */
  #end: ProtocolError | undefined

  constructor(protocol: AnyProtocol, opened: OpenedStream, clock: Clock) {
    this.#protocol = protocol
    this.#stream = opened.stream
    this.#clock = clock
    this.#alarms = new Alarms(clock)
    this.#usedAt = clock.now()
    this.#watchIdle()
    this.#writer = new FrameWriter(opened.stream, { ...protocol.limits, clock })
    this.minor = parseProtocolId(opened.protocolId)?.minor ?? protocol.minor
    opened.stream.countCalls?.(() => this.#pending.size)
    void readFrames(opened.stream, protocol.limits, clock, this)
  }

  get isOpen(): boolean {
    return this.#end === undefined && !this.#stream.closed.aborted
  }

  /** Whether new calls go on another path */
  get isLeft(): boolean {
    return this.#stream.isLeft?.() === true
  }

  /** Sends at once; `done` is called when the call is settled in whatever way. */
  call({ method, request, response, timeoutMs, signal }: SessionCall): Promise<unknown> {
    // The peer may have refused the stream before the first call on it
    if (this.#end !== undefined) return Promise.reject(this.#end)
    return new Promise((resolve, reject) => {
      const i = ++this.#lastId
      const settle = () => {
        this.#alarms.clear(alarm)
        signal?.removeEventListener('abort', onAbort)
        this.#pending.delete(i)
        this.#usedAt = this.#clock.now()
        if (this.#isFinishing) this.finish()
      }
      const giveUp = (error: Error) => {
        settle()
        this.#cancel(i)
        reject(error)
      }
      const onAbort = () => giveUp(cancelled(signal!))
      const alarm = this.#alarms.set(timeoutMs, () =>
        giveUp(new ProtocolError('DeadlineExceeded', 'The peer did not answer in time'))
      )
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#pending.set(i, {
        response,
        resolve: value => {
          settle()
          resolve(value)
        },
        reject: error => {
          settle()
          reject(error)
        }
      })
      try {
        this.#writer.send({ i, m: method, b: request, t: Math.max(1, Math.ceil(timeoutMs)) })
      } catch (error) {
        settle()
        reject(error as Error)
      }
    })
  }

  receive(frame: Frame): void {
    if (frame.i === undefined) {
      if (frame.e === undefined) throw malformed('a frame of a session has i')
      throw wireToError(frame.e)
    }
    const pending = this.#pending.get(frame.i)
    // An answer to a call that was given up meanwhile
    if (pending === undefined && frame.i <= this.#lastId) return
    if (pending === undefined) throw malformed('the answer is to no call')
    if (frame.e !== undefined) {
      pending.reject(wireToError(frame.e))
      return
    }
    try {
      pending.resolve(checkReply(pending.response, frame.b))
    } catch (error) {
      pending.reject(error as ProtocolError)
    }
  }

  ended(error?: ProtocolError): void {
    this.#close(error ?? new ProtocolError('Unavailable', 'The peer ended the session'))
    if (error !== undefined) this.#stream.abort(error)
    else this.#writer.end().catch(reason => this.#stream.abort(reason as Error))
  }

  /** Takes no new calls, and ends once all are settled. */
  finish(): void {
    this.#isFinishing = true
    if (this.#pending.size === 0 && this.#end === undefined) void this.close()
  }

  async close(): Promise<void> {
    this.#close(new ProtocolError('Cancelled', 'The client was closed'))
    const stop = this.#clock.after(
      this.#protocol.limits.progressMs,
      () => this.#stream.abort(new Error('Not closed in time')),
      {
        background: true
      }
    )
    this.#stream.closed.addEventListener('abort', stop, { once: true })
    await this.#writer.end().catch(error => this.#stream.abort(error as Error))
  }

  #close(error: ProtocolError): void {
    this.#end ??= error
    for (const pending of [...this.#pending.values()]) pending.reject(error)
    this.#alarms.stop()
  }

  #cancel(i: number): void {
    try {
      this.#writer.send({ i, x: true })
    } catch {
      // The session broke, which cancels as well
    }
  }

  /** Earlier than the server does, so that no call meets a session that is just being closed from the other end. */
  #watchIdle(): void {
    const idleMs = Math.floor(this.#protocol.limits.idleTimeoutMs * 0.75)
    const left = this.#usedAt + idleMs - this.#clock.now()
    if (this.#pending.size === 0 && left <= 0) void this.close()
    else this.#alarms.set(left > 0 ? left : idleMs, () => this.#watchIdle())
  }
}

export function cancelled(signal: AbortSignal): ProtocolError {
  return new ProtocolError('Cancelled', 'The call was cancelled', { cause: signal.reason })
}
