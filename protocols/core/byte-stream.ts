/** A two-way stream of bytes as a carrier provides it; message boundaries are the kernel's business. */
export interface ByteStream {
  /** Ends when the peer ended its side, throws when the stream broke. Consumed once; pulling it is what lets the peer send. */
  readonly source: AsyncIterable<Uint8Array>
  /** Takes over the chunk. A promise means: wait for it before writing more. Throws or rejects once the stream is broken. */
  write(chunk: Uint8Array): Promise<void> | undefined
  /** As `write`, of chunks that belong together: offered by carriers to which one message costs less than two */
  writeTogether?(chunks: readonly Uint8Array[]): Promise<void> | undefined
  /** Ends this side; the peer may go on sending. */
  end(): Promise<void>
  /** Breaks both sides at once. */
  abort(error: Error): void
  /** Fires once neither side can send any more; the reason tells why when it broke. */
  readonly closed: AbortSignal
  /** Names bytes that the kernel keeps for this stream, to carriers that sum up what their streams hold */
  countHeld?(held: () => number): void
  /** Names how many unary calls are under way on this stream, to carriers that would end it for a better path */
  countCalls?(calls: () => number): void
  /** Whether a better path is there: what is under way is finished here, what is new begins on that */
  isLeft?(): boolean
}

export interface OpenedStream {
  readonly stream: ByteStream
  /** The one of the offered protocol ids that the peer chose */
  readonly protocolId: string
}

/** A connection to one peer, whatever carries it. */
export interface Channel {
  openStream(protocolIds: readonly string[], options?: { signal?: AbortSignal }): Promise<OpenedStream>
  /** Whether a relay stands between */
  readonly relayed: boolean
  readonly closed: AbortSignal
  close(): Promise<void>
}
