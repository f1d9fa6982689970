import { type Alarm, Alarms } from './alarms.ts'
import type { ByteStream } from './byte-stream.ts'
import type { CallContext, Caller } from './caller.ts'
import { checkAnswer, checkRequest } from './check.ts'
import { ProtocolError } from './errors.ts'
import { errorToWire, type Frame, malformed } from './frame.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { UnaryMethod } from './method.ts'
import type { FrameHandler } from './read-frames.ts'
import type { ServedProtocol } from './served-protocol.ts'

export interface Peer {
  readonly caller: Caller
  readonly relayed: boolean
  readonly version: string
}

/** The answering end of a session: every unary call of one channel, at most `maxCallsInFlight` at once. */
export class ServerSession implements FrameHandler {
  readonly #served: ServedProtocol
  readonly #stream: ByteStream
  readonly #writer: FrameWriter
  readonly #peer: Peer
  readonly #calls = new Map<number, ServerCall>()
  /** Calls whose service has not returned, cancelled ones included: giving up must not buy more work at once */
  #running = 0
  readonly #alarms: Alarms
  #usedAt: number

  constructor(served: ServedProtocol, stream: ByteStream, writer: FrameWriter, peer: Peer) {
    this.#served = served
    this.#stream = stream
    this.#writer = writer
    this.#peer = peer
    this.#alarms = new Alarms(served.clock)
    this.#usedAt = served.clock.now()
    stream.countCalls?.(() => this.#running)
    this.#watchIdle()
  }

  /** A caller that does not read its answers is not read either. */
  get blocked(): Promise<void> | undefined {
    return this.#writer.blocked
  }

  receive(frame: Frame): void {
    const { i } = frame
    if (i === undefined) throw malformed('a frame of a session has i')
    if (frame.x === true) {
      this.#calls.get(i)?.abort(new ProtocolError('Cancelled', 'The caller gave up'))
      return
    }
    if (frame.m === undefined || !('b' in frame)) throw malformed('a request has m and b')
    if (this.#calls.has(i)) throw malformed('a number is used twice at once')
    if (this.#running >= this.#served.limits.maxCallsInFlight) {
      this.#refuse(i, new ProtocolError('ResourceExhausted', 'Too many calls in flight'))
      return
    }
    void this.#answer(i, frame.m, frame)
  }

  ended(error?: ProtocolError): void {
    this.#alarms.stop()
    const reason = error ?? new ProtocolError('Cancelled', 'The caller ended the session')
    for (const call of this.#calls.values()) call.abort(reason)
    this.#calls.clear()
  }

  async #answer(i: number, name: string, frame: Frame): Promise<void> {
    const served = this.#served
    let method: UnaryMethod | undefined
    let call: ServerCall | undefined
    this.#running++
    try {
      const found = served.admit(name, this.#peer.caller, this.#peer.version)
      if (found.kind !== 'unary') throw new ProtocolError('InvalidArgument', 'This method takes a stream of its own')
      method = found
      call = new ServerCall(this.#peer, name)
      this.#calls.set(i, call)
      const limitMs = Math.min(frame.t ?? served.limits.timeoutMs, served.limits.timeoutMs)
      call.alarm = this.#alarms.set(limitMs, () => this.#expire(i, call!))
      const request = checkRequest(method.request, frame.b)
      const wait = served.authorize(name, method, request, this.#peer.caller)
      if (wait !== undefined) await wait
      if (!this.#isOpen(i, call)) return
      let response = served.call(name, request, call)
      if (response instanceof Promise) response = await response
      if (!this.#isOpen(i, call)) return
      this.#writer.send({ i, b: checkAnswer(method.response, response) })
    } catch (error) {
      if (call === undefined || this.#isOpen(i, call)) this.#refuse(i, served.toPeerError(error, name, method))
      else served.log.debug('%s.%s failed after it was given up', served.service.protocol.name, name)
    } finally {
      this.#running--
      if (call !== undefined) this.#forget(i, call)
      this.#usedAt = served.clock.now()
    }
  }

  /** A call that was given up or ran out of time is not answered (again). */
  #isOpen(i: number, call: ServerCall): boolean {
    return this.#calls.get(i) === call && !call.isAborted
  }

  #expire(i: number, call: ServerCall): void {
    if (!this.#isOpen(i, call)) return
    const error = new ProtocolError('DeadlineExceeded', 'The call took too long')
    this.#refuse(i, error)
    call.abort(error)
  }

  #forget(i: number, call: ServerCall): void {
    if (call.alarm !== undefined) this.#alarms.clear(call.alarm)
    if (this.#calls.get(i) === call) this.#calls.delete(i)
  }

  #refuse(i: number, error: ProtocolError): void {
    try {
      this.#writer.send({ i, e: errorToWire(error) })
    } catch (reason) {
      this.#stream.abort(reason as Error)
    }
  }

  #watchIdle(): void {
    const { clock, limits } = this.#served
    const left = this.#usedAt + limits.idleTimeoutMs - clock.now()
    if (this.#running === 0 && left <= 0) this.#end()
    else this.#alarms.set(left > 0 ? left : limits.idleTimeoutMs, () => this.#watchIdle())
  }

  #end(): void {
    this.#writer.end().catch(error => this.#stream.abort(error as Error))
  }
}

/** One running call, and what the service sees of it. Most services never look at `signal`, so it is made when read. */
class ServerCall implements CallContext {
  readonly method: string
  readonly #peer: Peer
  #controller: AbortController | undefined
  #reason: Error | undefined
  alarm: Alarm | undefined

  constructor(peer: Peer, method: string) {
    this.#peer = peer
    this.method = method
  }

  get caller(): Caller {
    return this.#peer.caller
  }

  get relayed(): boolean {
    return this.#peer.relayed
  }

  get version(): string {
    return this.#peer.version
  }

  get isAborted(): boolean {
    return this.#reason !== undefined
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
  }
}
