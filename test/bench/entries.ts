import { seededRandom } from './statistics.ts'

/** Bytes of a small value, a multiple of 4. */
const valueSize = 100

/** Key of the n-th entry: sorts by n. */
export function keyFor(n: number): string {
  return `item/${n.toString().padStart(8, '0')}`
}

/** Value of the n-th entry: the same bytes in every run, and not compressible to nothing. */
export function valueFor(n: number): Uint8Array {
  const random = seededRandom(n)
  const words = new Uint32Array(valueSize / 4)
  // A loop: making a value must not weigh beside what is measured
  for (let index = 0; index < words.length; index++) words[index] = random() * 2 ** 32
  return new Uint8Array(words.buffer)
}

/** Nanoseconds of the machine's monotonic clock, which all its processes share. */
export function nowNs(): bigint {
  return process.hrtime.bigint()
}

/** The answer of a side is a write to a pipe, 0.1 ms: not before what is measured is on its way. */
export function quiet(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
