/**
 * Memory of large buffers, given back at once. Left to the collector, the buffers of a large transfer have it mark the whole heap
 * every few MiB, which costs several times what the transfer does. Only whoever knows that nobody else needs a byte of a buffer says
 * so here: whoever holds it still finds it empty.
 */

import { copyBelow } from './cbor-decode.ts'

/** Below this the collector is cheaper. */
const leastFreed = 16 * 1024

let nowhere: MessagePort | undefined

/** Frees the memory of bytes, unless they share it with others. */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes
  if (bytes.length < leastFreed || bytes.length !== buffer.byteLength) return
  nowhere ??= portToNowhere()
  // What is transferred is no longer here, and a port that leads nowhere drops what it sends
  nowhere.postMessage(undefined, [buffer as ArrayBuffer])
}

/** Frees the memory of large bytes that came in a frame of their own, small values of which were copied out of it. */
export function freeItem(bytes: Uint8Array): void {
  if (bytes.buffer.byteLength - bytes.length < copyBelow) freeBytes(new Uint8Array(bytes.buffer))
}

/** Counts down the bytes of buffers that are used up piece by piece. */
export class SpentBytes {
  readonly #left = new WeakMap<ArrayBufferLike, number>()

  /** Has a buffer freed when each of its bytes was spent. Bytes that share their memory with others are left alone. */
  freeWhenSpent(bytes: Uint8Array): void {
    if (bytes.length >= leastFreed && bytes.length === bytes.buffer.byteLength)
      this.#left.set(bytes.buffer, bytes.length)
  }

  /** To be said of each byte once at most, by the last who needs it. */
  spend(bytes: Uint8Array): void {
    const left = this.#left.get(bytes.buffer)
    if (left === undefined) return
    if (left > bytes.length) {
      this.#left.set(bytes.buffer, left - bytes.length)
    } else {
      this.#left.delete(bytes.buffer)
      freeBytes(new Uint8Array(bytes.buffer))
    }
  }

  /** Somebody keeps these bytes, so their buffer is left to the collector. */
  keep(bytes: Uint8Array): void {
    this.#left.delete(bytes.buffer)
  }
}

/** What a service gives away to be sent. A carrier spends what it has copied out; others leave it to the collector. */
export const unsentBytes = new SpentBytes()

/** What a carrier has read for one stream or several. Framing spends what it has copied out, and keeps what it hands on in place. */
export const unreadBytes = new SpentBytes()

function portToNowhere(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port1.close()
  port2.close()
  return port1
}
