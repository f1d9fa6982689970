import type { Stream } from '@libp2p/interface'

/** What a yamux stream has beside its interface. */
interface YamuxStream extends Stream {
  readonly state: number
  recvWindow: number
  readonly recvWindowCapacity: number
  readonly maxStreamWindowSize: number
  sendWindowUpdate(): void
}

/** `StreamState` of @libp2p/yamux */
const established = 3
/** Four chunks of a blob: the sender fills a part of it while the receiver takes another. */
const wideWindow = 1024 * 1024

/**
 * Lets a yamux stream grant more credit when half of its window is used, as the specification's own implementation does. js
 * yamux does after each message: a frame of its own with its encryption and two system calls, written before the answer to
 * that message. A stream on which much arrives gets a wider window with its first grant: in one of 256 KiB, each end waits while
 * the other works. Streams of other muxers are left alone.
 */
export function calmWindow(stream: Stream): void {
  if (!('sendWindowUpdate' in stream) || !('recvWindowCapacity' in stream)) return
  const yamux = stream as YamuxStream
  const update = yamux.sendWindowUpdate.bind(yamux)
  yamux.sendWindowUpdate = () => {
    // Before that it may carry the acknowledgement that the stream was opened
    if (yamux.state === established) {
      if (yamux.recvWindowCapacity > yamux.recvWindow / 2) return
      yamux.recvWindow = Math.max(yamux.recvWindow, Math.min(wideWindow, yamux.maxStreamWindowSize))
    }
    update()
  }
}
