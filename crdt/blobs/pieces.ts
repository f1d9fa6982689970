import { chunkSize } from './format.ts'

/** Cuts bytes of any lengths into chunks: all full but the last, and none for nothing. */
export async function* toChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunk = new Uint8Array(chunkSize)
  let filled = 0
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(chunkSize - filled, piece.length - at)
      chunk.set(piece.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < chunkSize) continue
      yield chunk
      // Whoever was given the last one may keep it
      chunk = new Uint8Array(chunkSize)
      filled = 0
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled)
}
