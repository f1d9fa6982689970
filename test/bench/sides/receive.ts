import type { LogRun } from '../../../crdt/spaces/index.ts'
import { type BenchSpaces, openBenchSpaces } from '../bench-space.ts'
import { serveSide } from '../side.ts'

/** Runs that come together, as a sync session hands them over: half a thousand entries. */
const runsTogether = 8
/** One who writes, one who reads and one who keeps what it cannot read, each with a disk of its own. */
const documents = 64
let author: BenchSpaces
let others: Record<'reader' | 'replica', BenchSpaces>
let space: Uint8Array
let runs: LogRun[] = []

serveSide({
  open: async (dir: string) => {
    author = await openBenchSpaces(`${dir}/author`)
    others = { reader: await openBenchSpaces(`${dir}/reader`), replica: await openBenchSpaces(`${dir}/replica`) }
    const members = []
    for (const [name, other] of Object.entries(others)) {
      await other.directory.receive(author.twin, author.records)
      await author.directory.receive(other.twin, other.records)
      members.push({ twin: other.twin, role: name === 'replica' ? ('replica' as const) : ('reader' as const) })
    }
    const made = await author.spaces.create({ kind: 'shared', name: 'bench', members })
    space = made.id
    for (const other of Object.values(others)) {
      const { records, wraps } = author.spaces.replica.records(space, undefined, other.twin)
      await other.spaces.replica.receiveRecords(space, records, wraps, author.spaces.replica.self)
    }
  },
  /** Writes entries of a few characters, one a document and tick, and gathers their runs. How many entries each has. */
  fill: async (ticks: number) => {
    const { replica } = author.spaces
    const made = author.spaces.get(space)!
    const before = replica.space(space)!.frontier()[0]?.[2] ?? 0
    let writing: Promise<unknown>[] = []
    for (let tick = 0; tick < ticks; tick++) {
      for (let document = 0; document < documents; document++) {
        writing.push(made.write(`text/${document}`, doc => doc.getText('text').insert(tick * 8, 'a few le')))
      }
      await new Promise(resolve => setImmediate(resolve))
      if (writing.length < 4096) continue
      await Promise.all(writing)
      writing = []
    }
    await Promise.all(writing)
    runs = []
    for await (const run of replica.runs(space, replica.self, before)) runs.push({ log: replica.self, run })
    return (replica.space(space)!.frontier()[0]?.[2] ?? 0) - before
  },
  /** Seconds of each burst until it is on the disk, and its entries. */
  receive: async (to: 'reader' | 'replica') => {
    const { replica } = others[to].spaces
    const bursts: { seconds: number; entries: number }[] = []
    const seq = () => replica.space(space)?.frontier()[0]?.[2] ?? 0
    for (let at = 0; at < runs.length; at += runsTogether) {
      const before = seq()
      const begin = performance.now()
      await replica.receiveRuns(space, runs.slice(at, at + runsTogether), author.spaces.replica.self)
      bursts.push({ seconds: (performance.now() - begin) / 1000, entries: seq() - before })
    }
    return bursts
  },
  close: async () => {
    for (const one of [author, ...Object.values(others)]) await one.close()
  }
})
