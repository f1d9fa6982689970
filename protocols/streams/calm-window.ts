import type { Stream } from '@libp2p/interface'

/** What a yamux stream has beside its interface. */
interface YamuxStream extends Stream {
  readonly state: number
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** `StreamState` of @libp2p/yamux */
const established = 3

/**
 * Lets a yamux stream grant more credit when half of its window is used, as the specification's own implementation does. js
 * yamux does after each message: a frame of its own with its encryption and two system calls, written before the answer to
 * that message. Streams of other muxers are left alone.
 */
export function calmWindow(stream: Stream): void {
  if (!('sendWindowUpdate' in stream) || !('recvWindowCapacity' in stream)) return
  const yamux = stream as YamuxStream
  const update = yamux.sendWindowUpdate.bind(yamux)
  yamux.sendWindowUpdate = () => {
    // Before that it may carry the acknowledgement that the stream was opened
    if (yamux.state === established && yamux.recvWindowCapacity > yamux.recvWindow / 2) return
    update()
  }
}
