import { equals } from 'uint8arrays/equals'
import type { Cut as DeviceCut } from '../identity/index.ts'
import type { LogId } from '../log/index.ts'
import type { Cut } from '../membership/index.ts'
import type { OpenSpace } from './open-space.ts'
import type { SpaceLog } from './space-log.ts'

/** Up to where the logs of a twin's devices are on synced storage here. */
export function heldCuts({ space }: OpenSpace, twin: Uint8Array): Cut[] {
  const cuts: Cut[] = []
  for (const log of space.context.logs) {
    const cut = equals(log.id.twin, twin) ? cutOf(log) : undefined
    if (cut !== undefined) cuts.push({ device: log.id.device, ...cut })
  }
  return cuts.sort((a, b) => a.device - b.device)
}

/** How much of a device's logs is here, in every space. */
export async function deviceCuts(all: Iterable<OpenSpace>, device: LogId): Promise<DeviceCut[]> {
  const cuts: DeviceCut[] = []
  for (const { space } of all) {
    const log = space.context.logs.find(device)
    // Of two histories everybody has what was before them
    const cut = log?.isFrozen === true ? await space.others.lastShared(log) : log && cutOf(log)
    if (cut !== undefined && cut.seq > 0) cuts.push({ space: space.id, ...cut })
  }
  return cuts
}

/** Up to where a log is on synced storage here; undefined when nothing is. */
function cutOf(log: SpaceLog): { seq: number; hash: Uint8Array } | undefined {
  const hash = log.durable === 0 ? undefined : log.recentHash(log.durable)
  return hash && { seq: log.durable, hash }
}
