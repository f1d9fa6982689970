import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyValue, keyValue } from '../../../crdt/index.ts'
import { SyncSession } from '../../../crdt/sync/index.ts'
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
  /** Another device gets all there is in a shared space: seconds, and memory beyond what there was (bytes). */
  cold: async ({ dir, count }: { dir: string; count: number }) => {
    const other = await openBenchSpaces(dir)
    await other.directory.receive(spaces.twin, spaces.records)
    await spaces.directory.receive(other.twin, other.records)
    const space = await spaces.spaces.create({ kind: 'shared', name: 'bench', members: [] })
    const shared = keyValue(space, 'bench')
    for (let n = 0; n < count; n += 1024) {
      const length = Math.min(1024, count - n)
      await Promise.all(Array.from({ length }, (_, i) => shared.put(keyFor(n + i), values[(n + i) % values.length]!)))
    }
    const { dropped } = await space.compact()
    await spaces.spaces.addMember(space, other.twin)
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    let peak = before
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 20)
    const begin = performance.now()
    const isThere = new Promise<void>(resolve => {
      other.spaces.replica.on('durable', () => {
        const [head] = other.spaces.replica.space(space.id)?.frontier() ?? []
        if ((head?.[2] ?? 0) >= dropped) resolve()
      })
    })
    const sessions = link(spaces, other)
    await isThere
    const seconds = (performance.now() - begin) / 1000
    clearInterval(timer)
    for (const session of sessions) session.close()
    const last = await keyValue(other.spaces.get(space.id)!, 'bench').get(keyFor(count - 1))
    await other.close()
    return { seconds, peak: peak - before, isWhole: last !== undefined, dropped }
  },
  memory: () => {
    globalThis.gc?.()
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage()
    return { rss, heapUsed, external, arrayBuffers }
  },
  disk: () => sizeOf(folder),
  close: () => spaces.close()
})

/** Two sessions joined in memory. */
function link(one: BenchSpaces, other: BenchSpaces): SyncSession[] {
  const sessions: SyncSession[] = []
  const create = (of: BenchSpaces, to: BenchSpaces, index: number) =>
    new SyncSession({
      replica: of.spaces.replica,
      remote: to.spaces.replica.self,
      send: item => new Promise<void>(resolve => setImmediate(resolve)).then(() => sessions[1 - index]!.receive(item))
    })
  sessions.push(create(one, other, 0), create(other, one, 1))
  for (const session of sessions) session.start()
  return sessions
}

async function sizeOf(dir: string): Promise<number> {
  let size = 0
  for (const name of await readdir(dir)) size += (await stat(join(dir, name))).size
  return size
}
