import { BrowserLevel } from 'browser-level'
// Under the name of its file: the name of the package leads here
import { MemoryLevel as InMemory } from 'memory-level/index.js'
import { withWholeBatches } from '../../browser-peer/kept-database.ts'

let count = 0
let isIndexed = false

/** Whether databases that are made from now on are in IndexedDB, which is real and takes its time. */
export function useIndexedDb(isUsed: boolean): void {
  isIndexed = isUsed
}

/** Takes the place of a database in memory in suites that run in a browser. */
export function MemoryLevel(options: object): unknown {
  return isIndexed ? withWholeBatches(new BrowserLevel(`suite-${count++}`, options)) : new InMemory(options)
}
