import { decodeFrame, encodeFrame, type Frame } from './frame.ts'
import { type ByteStream, type Caller, type Channel, channelPair, type ProtocolServer, streamPair } from './index.ts'
import { FrameCutter } from './unframe.ts'

/** The other end of a stream in the hands of a spec, to send what no well-behaved peer would. */
export class RawStream {
  readonly stream: ByteStream
  readonly #cutter = new FrameCutter(1 << 24)
  readonly #frames: Frame[] = []
  readonly #source: AsyncIterator<Uint8Array>

  constructor(stream: ByteStream) {
    this.stream = stream
    this.#source = stream.source[Symbol.asyncIterator]()
  }

  static async open(
    server: ProtocolServer,
    protocolId: string,
    caller: Caller = { class: 'owner' }
  ): Promise<RawStream> {
    return new RawStream((await channelPair(server, caller).openStream([protocolId])).stream)
  }

  send(frame: Frame | Record<string, unknown>): void {
    for (const part of encodeFrame(frame, 1 << 24)) void this.stream.write(part)
  }

  write(...bytes: number[]): void {
    void this.stream.write(new Uint8Array(bytes))
  }

  /** The next frame; undefined when the peer ended its side. */
  async next(): Promise<Frame | undefined> {
    while (this.#frames.length === 0) {
      const { done, value } = await this.#source.next()
      if (done) return undefined
      this.#frames.push(...this.#cutter.push(value).map(decodeFrame))
    }
    return this.#frames.shift()
  }

  /** The next frame that `accept` likes. */
  async find(accept: (frame: Frame) => boolean): Promise<Frame | undefined> {
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) if (accept(frame)) return frame
    return undefined
  }
}

/** A channel whose streams all end at the spec, which plays the server. */
export function rawChannel(protocolId: string): { channel: Channel; accepted: RawStream[] } {
  const accepted: RawStream[] = []
  const controller = new AbortController()
  const channel: Channel = {
    relayed: false,
    closed: controller.signal,
    openStream: async () => {
      const [near, far] = streamPair()
      accepted.push(new RawStream(far))
      return { stream: near, protocolId }
    },
    close: async () => controller.abort()
  }
  return { channel, accepted }
}
