import { decodeRun } from '../log/index.ts'
import type { Batch } from '../store/index.ts'
import { maxAnchors } from './log-base.ts'
import type { LogTable } from './log-table.ts'
import type { Anchor, SpaceLog } from './space-log.ts'

/** Rows of runs that one group commit removes, so that no write waits long. */
const dropsPerGroup = 1024
/** Entries between two places of a dropped stretch whose signatures are kept. */
const anchorEvery = 4096

/** Removes some runs from the beginning of a log, none beyond `limit`; how many entries they had. */
export async function shortenLog(logs: LogTable, batch: Batch, log: SpaceLog, limit: number): Promise<number> {
  if (limit <= log.base.seq) return 0
  const anchors = [...log.base.anchors]
  let [rows, end] = [0, log.base.seq]
  for await (const last of logs.runEnds(log, log.base.seq, dropsPerGroup)) {
    if (last > limit) break
    rows++
    end = last
    batch.del(logs.runKey(log, last))
    if (last - (anchors.at(-1)?.[0] ?? 0) >= anchorEvery) anchors.push(await anchorAt(logs, log, last))
  }
  if (rows === 0) return 0
  const { mhead } = decodeRun((await logs.runBytesWith(log, end))!)
  const [hash, dropped] = [(await logs.hashAt(log, end))!, end - log.base.seq]
  logs.setBase(batch, log, { seq: end, hash, mhead, anchors: thin(anchors) })
  return dropped
}

async function anchorAt(logs: LogTable, log: SpaceLog, last: number): Promise<Anchor> {
  const run = decodeRun((await logs.runBytesWith(log, last))!)
  return [last, (await logs.hashAt(log, last))!, run.signature]
}

function thin(anchors: readonly Anchor[]): Anchor[] {
  return anchors.length <= maxAnchors ? [...anchors] : anchors.filter((_, index) => index % 2 === 1)
}
