import { join } from 'node:path'
import { type KeyValue, keyValue } from '../../../crdt/index.ts'
import { type BenchSpaces, openBenchSpaces } from '../bench-space.ts'
import { keyFor, valueFor } from '../entries.ts'
import { serveSide } from '../side.ts'
import { seededRandom } from '../statistics.ts'
import { StoreFloor } from '../store-floor.ts'

/** Raw storage and ours in one process, so that both see the same disk and the same compiler. */
let floor: StoreFloor
let spaces: BenchSpaces
let table: KeyValue

serveSide({
  open: async ({ dir, contenders }: { dir: string; contenders: readonly string[] }) => {
    floor = new StoreFloor(join(dir, 'floor'))
    await floor.open()
    if (!contenders.includes('ours')) return
    spaces = await openBenchSpaces(join(dir, 'ours'))
    table = keyValue(spaces.spaces.self, 'bench')
  },
  putFloor: (range: Range) => puts(range, (key, value) => floor.put(key, value)),
  putOurs: (range: Range) => puts(range, (key, value) => table.put(key, value)),
  getFloor: (range: Range) => gets(range, key => floor.get(key)),
  getOurs: (range: Range) => gets(range, key => table.get(key)),
  close: async () => {
    await floor.close()
    await spaces?.close()
  }
})

interface Range {
  readonly from: number
  readonly count: number
}

async function puts(
  { from, count }: Range,
  put: (key: string, value: Uint8Array) => Promise<unknown>
): Promise<number> {
  const begin = performance.now()
  let next = from
  const worker = async () => {
    while (next < from + count) {
      const n = next++
      await put(keyFor(n), valueFor(n))
    }
  }
  await Promise.all(Array.from({ length: 128 }, worker))
  return (count / (performance.now() - begin)) * 1000
}

/** One after another, in an order that no cache expects. */
async function gets({ from, count }: Range, get: (key: string) => Promise<unknown>): Promise<number> {
  const random = seededRandom(1)
  const begin = performance.now()
  for (let i = 0; i < count; i++) {
    const found = await get(keyFor(from + Math.floor(random() * count)))
    if (found === undefined) throw new Error('An entry is missing')
  }
  return (count / (performance.now() - begin)) * 1000
}
