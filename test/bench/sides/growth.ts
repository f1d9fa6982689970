import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyValue, keyValue } from '../../../crdt/index.ts'
import { type BenchIdentity, type BenchSpaces, openBenchSpaces } from '../bench-space.ts'
import { keyFor, valueFor } from '../entries.ts'
import { serveSide } from '../side.ts'

/** One twin whose store grows: many entries, few keys or many. */
let spaces: BenchSpaces
let table: KeyValue
let folder: string
/** Values are made beforehand: making them costs more than writing them. */
const values = Array.from({ length: 1024 }, (_, n) => valueFor(n))

serveSide({
  /** Seconds until a value was read, so that the twin serves. */
  open: async ({ dir, identity }: { dir: string; identity?: BenchIdentity }) => {
    const begin = performance.now()
    folder = dir
    spaces = await openBenchSpaces(dir, identity)
    table = keyValue(spaces.spaces.self, 'bench')
    await table.get(keyFor(0))
    return { identity: spaces.identity, seconds: (performance.now() - begin) / 1000 }
  },
  /** `count` writes over `keys` keys in an order that no cache expects, 1,024 at a time. */
  fill: async ({ count, keys }: { count: number; keys: number }) => {
    const begin = performance.now()
    for (let n = 0; n < count; n += 1024) {
      const puts = Array.from({ length: Math.min(1024, count - n) }, (_, i) =>
        table.put(keyFor(((n + i) * 7919) % keys), values[(n + i) % values.length]!)
      )
      await Promise.all(puts)
    }
    return count / ((performance.now() - begin) / 1000)
  },
  /** Milliseconds of single writes, one after another. */
  write: async (count: number) => {
    const times: number[] = []
    for (let n = 0; n < count; n++) {
      const begin = performance.now()
      await table.put(keyFor(n), values[n % values.length]!)
      times.push(performance.now() - begin)
    }
    return times
  },
  /** Milliseconds of writes, one after another, while a compaction runs; and what that dropped. */
  compact: async () => {
    const times: number[] = []
    let isRunning = true
    const compaction = spaces.spaces.self.compact().finally(() => {
      isRunning = false
    })
    for (let n = 0; isRunning; n++) {
      const begin = performance.now()
      await table.put(keyFor(n), values[n % values.length]!)
      times.push(performance.now() - begin)
    }
    return { times, ...(await compaction) }
  },
  /** A compaction while nobody writes. */
  settle: () => spaces.spaces.self.compact(),
  memory: () => {
    globalThis.gc?.()
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
    return { rss, heapUsed, external, arrayBuffers }
  },
  disk: () => sizeOf(folder),
  close: () => spaces.close()
})

async function sizeOf(dir: string): Promise<number> {
  let size = 0
  for (const name of await readdir(dir)) size += (await stat(join(dir, name))).size
  return size
}
