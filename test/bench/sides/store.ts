import { join } from 'node:path'
import { keyValue } from '../../../crdt/index.ts'
import { compileSooner, tuneHeap } from '../../../node/tune-engine.ts'
import { openBenchSpaces } from '../bench-space.ts'
import { keyFor, valueFor } from '../entries.ts'
import { serveSide } from '../side.ts'
import { seededRandom } from '../statistics.ts'
import { StoreFloor } from '../store-floor.ts'

interface Table {
  put(key: string, value: Uint8Array): Promise<unknown>
  get(key: string): Promise<unknown>
  close(): Promise<void>
}

let table: Table

serveSide({
  open: async ({ dir, who }: { dir: string; who: 'floor' | 'ours' }) => {
    tuneHeap()
    compileSooner()
    table = await (who === 'floor' ? openFloor(dir) : openOurs(dir))
  },
  put: puts,
  get: gets,
  close: () => table.close()
})

async function openFloor(dir: string): Promise<Table> {
  const floor = new StoreFloor(join(dir, 'floor'))
  await floor.open()
  return floor
}

async function openOurs(dir: string): Promise<Table> {
  const spaces = await openBenchSpaces(join(dir, 'ours'))
  const values = keyValue(spaces.spaces.self, 'bench')
  return {
    put: (key, value) => values.put(key, value),
    get: key => values.get(key),
    close: () => spaces.close()
  }
}

interface Range {
  readonly from: number
  readonly count: number
}

async function puts({ from, count }: Range): Promise<number> {
  const begin = performance.now()
  let next = from
  const worker = async () => {
    while (next < from + count) {
      const n = next++
      await table.put(keyFor(n), valueFor(n))
    }
  }
  await Promise.all(Array.from({ length: 128 }, worker))
  return (count / (performance.now() - begin)) * 1000
}

/** One after another, in an order that no cache expects. */
async function gets({ from, count }: Range): Promise<number> {
  const random = seededRandom(1)
  const begin = performance.now()
  for (let i = 0; i < count; i++) {
    const found = await table.get(keyFor(from + Math.floor(random() * count)))
    if (found === undefined) throw new Error('An entry is missing')
  }
  return (count / (performance.now() - begin)) * 1000
}
