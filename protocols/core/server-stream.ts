import type { ByteStream } from './byte-stream.ts'
import type { Caller } from './caller.ts'
import { checkRequest } from './check.ts'
import { ProtocolError } from './errors.ts'
import { Flow } from './flow.ts'
import { errorToWire, type Frame, malformed } from './frame.ts'
import { FrameWriter } from './frame-writer.ts'
import { type FrameHandler, readFrames } from './read-frames.ts'
import { serveStream } from './serve-stream.ts'
import type { ServedProtocol } from './served-protocol.ts'
import { ServerSession } from './server-session.ts'

/** An incoming stream until its first frame tells whether it is a session or a call. */
export class ServerStream implements FrameHandler {
  readonly #served: ServedProtocol
  readonly #stream: ByteStream
  readonly #writer: FrameWriter
  readonly #info: { relayed: boolean; version: string }
  #caller: Caller | undefined
  #handler: FrameHandler | undefined
  #running: Promise<void> | undefined
  #isRefused = false
  #stopWaiting = () => {}

  constructor(served: ServedProtocol, stream: ByteStream, info: { relayed: boolean; version: string }) {
    this.#served = served
    this.#stream = stream
    this.#info = info
    this.#writer = new FrameWriter(stream, { ...served.limits, clock: served.clock })
  }

  get blocked(): Promise<void> | undefined {
    return this.#handler?.blocked
  }

  identify(caller: Caller): void {
    this.#caller = caller
  }

  /** Tells why, whatever the peer sends, and waits a bounded time for it to go away. */
  refuse(error: ProtocolError): void {
    this.#isRefused = true
    const { clock, limits } = this.#served
    this.#stopWaiting = clock.after(limits.progressMs, () => this.#stream.abort(error), { background: true })
    try {
      this.#writer.send({ e: errorToWire(error) })
    } catch {
      // It broke meanwhile: the peer needs no telling
    }
    this.#writer.end().catch(reason => this.#stream.abort(reason as Error))
  }

  async run(): Promise<void> {
    const { clock, limits } = this.#served
    if (!this.#isRefused) {
      const late = new ProtocolError('DeadlineExceeded', 'No first frame in time')
      this.#stopWaiting = clock.after(limits.progressMs, () => this.#stream.abort(late), { background: true })
    }
    await readFrames(this.#stream, limits, clock, this)
    await this.#running
  }

  receive(frame: Frame, size: number): void {
    if (this.#isRefused) return
    if (this.#handler === undefined) this.#begin(frame)
    else this.#handler.receive(frame, size)
  }

  ended(error?: ProtocolError): void {
    this.#stopWaiting()
    if (error !== undefined && !this.#stream.closed.aborted) this.#tell(error)
    this.#handler?.ended(error)
    this.#writer.end().then(
      () => error === undefined || this.#stream.abort(error),
      reason => this.#stream.abort(reason as Error)
    )
  }

  /** A peer that broke the rules is told so on the whole stream, if it still listens. */
  #tell(error: ProtocolError): void {
    try {
      this.#writer.send({ e: errorToWire(error) })
    } catch {
      // Nobody listens
    }
  }

  #begin(frame: Frame): void {
    this.#stopWaiting()
    const peer = { ...this.#info, caller: this.#caller! }
    if (frame.i !== undefined) {
      const session = new ServerSession(this.#served, this.#stream, this.#writer, peer)
      this.#handler = session
      session.receive(frame)
      return
    }
    const { m: name, b: body, w: peerWindow } = frame
    if (name === undefined || !('b' in frame) || !(peerWindow! > 0)) throw malformed('a call opens with m, b and w')
    const served = this.#served
    try {
      const method = served.admit(name, peer.caller, peer.version)
      if (method.kind === 'unary') throw new ProtocolError('InvalidArgument', 'This method is called on a session')
      const check = (item: unknown) => {
        if (method.kind === 'duplex') return checkRequest(method.up, item)
        throw new ProtocolError('InvalidArgument', 'This method takes no items')
      }
      const { limits, clock } = served
      const flow = new Flow({
        stream: this.#stream,
        writer: this.#writer,
        limits,
        clock,
        check,
        isCaller: false,
        peerWindow
      })
      this.#handler = flow
      if (method.kind === 'duplex') this.#writer.send({ w: limits.window })
      this.#running = serveStream(served, peer, name, method, body, flow)
    } catch (error) {
      this.refuse(served.toPeerError(error, name))
    }
  }
}
