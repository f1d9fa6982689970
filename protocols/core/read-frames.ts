import { pipe } from 'it-pipe'
import type { ByteStream } from './byte-stream.ts'
import type { Clock } from './clock.ts'
import { type ProtocolError, toUnavailable } from './errors.ts'
import { decodeFrame, type Frame, lengthWidth } from './frame.ts'
import type { ProtocolLimits } from './limits.ts'
import { unframe } from './unframe.ts'

/** What one end of a stream does with the frames of the other. A throw from `receive` breaks the stream. */
export interface FrameHandler {
  /** `size` is what the frame took on the wire */
  receive(frame: Frame, size: number): void
  /** The source is used up: without an error the peer ended its side. Called once. */
  ended(error?: ProtocolError): void
  /** Set while no more should be read */
  readonly blocked?: Promise<void> | undefined
}

/** Feeds a stream's frames to a handler until either side is done; never rejects. */
export async function readFrames(
  stream: ByteStream,
  limits: Pick<ProtocolLimits, 'maxMessageSize' | 'progressMs'>,
  clock: Clock,
  handler: FrameHandler
): Promise<void> {
  let stalled: ProtocolError | undefined
  const onStalled = (error: ProtocolError) => {
    stalled = error
    stream.abort(error)
  }
  const { maxMessageSize, progressMs } = limits
  try {
    for await (const payloads of pipe(stream.source, unframe({ maxMessageSize, progressMs, clock, onStalled }))) {
      for (const payload of payloads) {
        handler.receive(decodeFrame(payload), payload.length + lengthWidth(payload.length))
      }
      if (handler.blocked !== undefined) await handler.blocked
    }
    handler.ended(stalled)
  } catch (error) {
    handler.ended(stalled ?? toUnavailable(error))
  }
}
