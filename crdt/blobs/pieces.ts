import { chunkSize } from './format.ts'

/**
 * Cuts bytes of any lengths into chunks: all full but the last, and none for nothing. A chunk is there until the next is asked for,
 * and so is the piece that it lies in.
 */
export async function* toChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(chunkSize)
  let filled = 0
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      if (filled === 0 && piece.length - at >= chunkSize) {
        yield piece.subarray(at, at + chunkSize)
        at += chunkSize
        continue
      }
      const taken = Math.min(chunkSize - filled, piece.length - at)
      chunk.set(piece.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < chunkSize) continue
      yield chunk
      filled = 0
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
