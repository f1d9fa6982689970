import { equals } from 'uint8arrays/equals'
import type { Cut as DeviceCut } from '../identity/index.ts'
import type { LogId } from '../log/index.ts'
import type { Cut } from '../membership/index.ts'
import type { LogTable } from './log-table.ts'
import type { OpenSpace } from './open-space.ts'
import { SpaceError } from './space.ts'
import type { SpaceLog } from './space-log.ts'

/** Up to where the logs of a twin's devices are on synced storage here. @throws {SpaceError} `fenced` while they cannot be read */
export async function heldCuts(found: OpenSpace, twin: Uint8Array): Promise<Cut[]> {
  const cuts: Cut[] = []
  for (const log of await readLogs(found)) {
    const cut = equals(log.id.twin, twin) ? cutOf(log) : undefined
    if (cut !== undefined) cuts.push({ device: log.id.device, ...cut })
  }
  return cuts.sort((a, b) => a.device - b.device)
}

/** How much of a device's logs is here, in every space. @throws {SpaceError} `fenced` while they cannot be read */
export async function deviceCuts(all: Iterable<OpenSpace>, device: LogId): Promise<DeviceCut[]> {
  const cuts: DeviceCut[] = []
  for (const found of all) {
    const { space } = found
    const log = (await readLogs(found)).find(device)
    // Of two histories everybody has what was before them
    const cut = log?.isFrozen === true ? await space.others.lastShared(log) : log && cutOf(log)
    if (cut !== undefined && cut.seq > 0) cuts.push({ space: space.id, ...cut })
  }
  return cuts
}

/**
 * A log that is not read looks like one of which nothing is here: a cut by it would take out all that was ever written there. While the
 * store is fenced no cut could be stored.
 */
async function readLogs({ space }: OpenSpace): Promise<LogTable> {
  const { logs, commit, store } = space.context
  if (!logs.isRead || store.isFenced) {
    // A group commit opens the store again
    space.context.touch()
    await commit.idle()
  }
  if (!logs.isRead || store.isFenced)
    throw new SpaceError('fenced', 'The store is closed after a failed write, and does not open yet')
  return logs
}

/** Up to where a log is on synced storage here; undefined when nothing is. */
function cutOf(log: SpaceLog): { seq: number; hash: Uint8Array } | undefined {
  const hash = log.durable === 0 ? undefined : log.recentHash(log.durable)
  return hash && { seq: log.durable, hash }
}
