import type { Stream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

/** What of a yamux muxer is replaced; it has it beside its interface. */
interface YamuxMuxer extends StreamMuxer {
  onCreateStream(options: unknown): Stream & { sendWindowUpdate(): void }
}

/**
 * A muxer of `@libp2p/yamux` 8 that fails within itself when what is below can no longer be written. Over a relay that is so from
 * the moment at which the connection to the relay is being closed, while the relayed one still counts as open: to open a
 * stream then threw in a microtask, and to abort the connection threw where libp2p's monitor catches nothing; either ended the process.
 */
export function mendMuxer<T extends StreamMuxerFactory>(factory: T): T {
  const create = factory.createStreamMuxer.bind(factory)
  factory.createStreamMuxer = connection => {
    const muxer = create(connection) as YamuxMuxer
    const abort = muxer.abort.bind(muxer)
    muxer.abort = error => {
      try {
        abort(error)
      } catch {
        // The farewell could not be said; all else was done before
      }
    }
    const open = muxer.onCreateStream.bind(muxer)
    muxer.onCreateStream = options => {
      const stream = open(options)
      const update = stream.sendWindowUpdate.bind(stream)
      stream.sendWindowUpdate = () => {
        try {
          update()
        } catch (error) {
          stream.abort(error as Error)
        }
      }
      return stream
    }
    return muxer
  }
  return factory
}
