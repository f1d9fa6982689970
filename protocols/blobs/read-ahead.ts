/** Chunks that are read while others are sent. */
const ahead = 4

/** Reads chunks one after the other, some of them ahead. What was read before one fails is given first. */
export async function* readAhead(
  read: (index: number) => Promise<Uint8Array>,
  from: number,
  count: number
): AsyncGenerator<Uint8Array> {
  const reads: Promise<Uint8Array>[] = []
  try {
    for (let next = from; ; ) {
      for (; next < count && reads.length < ahead; next++) {
        const reading = read(next)
        // Its failure is met when it is its turn, if that comes
        reading.catch(() => {})
        reads.push(reading)
      }
      const reading = reads.shift()
      if (reading === undefined) return
      yield await reading
    }
  } finally {
    // Nothing is read from a file that is closed
    await Promise.allSettled(reads)
  }
}
