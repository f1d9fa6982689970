import { checkReply } from './check.ts'
import type { CallOptions, ClientConnection } from './client.ts'
import { cancelled } from './client-session.ts'
import { parseProtocolId } from './define-protocol.ts'
import { ProtocolError, toUnavailable } from './errors.ts'
import { Flow } from './flow.ts'
import { FrameWriter } from './frame-writer.ts'
import type { DuplexMethod, StreamMethod } from './method.ts'
import { readFrames } from './read-frames.ts'

export interface StreamCall {
  readonly name: string
  readonly method: StreamMethod | DuplexMethod
  readonly request: unknown
  readonly up?: AsyncIterable<unknown>
}

/** One `stream` or `duplex` call. The stream is opened by the first `next`, so that a call nobody reads costs nothing. */
export function openCall(
  connection: ClientConnection,
  call: StreamCall,
  options: CallOptions = {}
): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const running = new RunningCall(connection, call, options)
      return { next: () => running.next(), return: () => running.return() }
    }
  }
}

class RunningCall {
  readonly #connection: ClientConnection
  readonly #call: StreamCall
  readonly #options: CallOptions
  /** Aborted by whatever ends the call from this side: its signal, its time limit, the client's end, `return` */
  readonly #controller = new AbortController()
  #flow: Promise<Flow> | undefined
  #up: AsyncIterator<unknown> | undefined
  #cleanUp = () => {}

  constructor(connection: ClientConnection, call: StreamCall, options: CallOptions) {
    this.#connection = connection
    this.#call = call
    this.#options = options
  }

  async next(): Promise<IteratorResult<unknown>> {
    try {
      this.#flow ??= this.#open()
      const result = await (await this.#flow).next()
      if (result.done === true) this.#end()
      return result
    } catch (error) {
      this.#end()
      throw error
    }
  }

  async return(): Promise<IteratorResult<unknown>> {
    this.#controller.abort(new ProtocolError('Cancelled', 'The caller stopped reading'))
    const flow = await this.#flow?.catch(() => undefined)
    this.#end()
    await flow?.return()
    return { done: true, value: undefined }
  }

  async #open(): Promise<Flow> {
    const { name, method, request } = this.#call
    const { protocol, clock } = this.#connection
    const { limits } = protocol
    const { signal } = this.#controller
    this.#listen()
    const body = this.#connection.check(method, request)
    const { stream, protocolId } = await this.#openStream()
    try {
      if (signal.aborted) throw signal.reason
      this.#connection.needMinor(name, method, parseProtocolId(protocolId)?.minor ?? protocol.minor)
      const writer = new FrameWriter(stream, { ...limits, clock })
      const schema = method.kind === 'duplex' ? method.down : method.item
      const flow = new Flow({ stream, writer, limits, clock, check: item => checkReply(schema, item), isCaller: true })
      void readFrames(stream, limits, clock, flow)
      writer.send({ m: name, b: body, w: limits.window })
      signal.addEventListener('abort', () => flow.fail(toUnavailable(signal.reason)), { once: true })
      if (this.#call.up !== undefined) void this.#sendUp(this.#call.up, flow)
      return flow
    } catch (error) {
      stream.abort(toUnavailable(error))
      throw error
    }
  }

  async #openStream() {
    const { signal } = this.#controller
    try {
      const channel = await this.#connection.channel()
      return await channel.openStream(this.#connection.protocol.ids, { signal })
    } catch (error) {
      throw signal.aborted ? signal.reason : toUnavailable(error, 'The peer could not be reached')
    }
  }

  #listen(): void {
    const { signal, timeoutMs } = this.#options
    const { clock, closed } = this.#connection
    const onAbort = () => this.#controller.abort(cancelled(signal!))
    const onClosed = () => this.#controller.abort(closed.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    closed.addEventListener('abort', onClosed, { once: true })
    if (signal?.aborted) onAbort()
    if (closed.aborted) onClosed()
    const late = () => this.#controller.abort(new ProtocolError('DeadlineExceeded', 'The call took too long'))
    const stop = timeoutMs === undefined ? () => {} : clock.after(timeoutMs, late)
    this.#cleanUp = () => {
      stop()
      signal?.removeEventListener('abort', onAbort)
      closed.removeEventListener('abort', onClosed)
    }
  }

  /** Sends until the source is done or the call is over; an error of the source cancels the call. */
  async #sendUp(up: AsyncIterable<unknown>, flow: Flow): Promise<void> {
    try {
      this.#up = up[Symbol.asyncIterator]()
      while (!flow.isOver) {
        const result = await this.#up.next()
        if (result.done === true) return flow.finish()
        await flow.write(result.value)
      }
    } catch (error) {
      flow.fail(
        error instanceof ProtocolError
          ? error
          : new ProtocolError('Cancelled', 'The source of items failed', { cause: error })
      )
    } finally {
      this.#end()
    }
  }

  /** Lets go of everything. The source of items is asked to stop, not waited for: it may be waiting itself. */
  #end(): void {
    this.#cleanUp()
    const up = this.#up
    this.#up = undefined
    up?.return?.()?.then(undefined, () => {})
  }
}
