import { equals } from 'uint8arrays/equals'
import type { Replica, SpaceInfo } from '../../crdt/index.ts'
import { bytesToHex, decodeRun, type LogId, lastOf } from '../../crdt/log/index.ts'
import type { News } from './news.ts'
import { ParcelPacker, type PlannedDelivery, sizeOf } from './parcel-packer.ts'

export interface PlanInit {
  readonly replica: Replica
  /** For whom */
  readonly twin: Uint8Array
  /** How far the mailbox has a log already */
  readonly held: (space: Uint8Array, log: LogId) => number
  /** What is told though no entry follows it */
  readonly news?: readonly News[]
  /** Nothing but the news: the twin is here, only this device of it is not */
  readonly isNewsOnly?: boolean
  /** Told of logs that they have whole, as they signed */
  readonly onDelivered?: (space: Uint8Array, log: LogId) => void
}

const none = { records: [], wraps: [] }

/**
 * What a twin lacks by the durable frontiers that its devices signed, and by what was left for it before, in parcels. Everything in
 * them is as a sync session would send it.
 */
export async function* planDeliveries({
  replica,
  twin,
  held,
  news = [],
  isNewsOnly = false,
  onDelivered
}: PlanInit): AsyncGenerator<PlannedDelivery> {
  const packer = new ParcelPacker()
  const told = new Set<string>()
  for (const item of news) {
    const { records, wraps } =
      item.kind === 'devices'
        ? { ...none, records: replica.deviceRecords(item.id) }
        : replica.records(item.id, undefined, twin)
    yield* packer.inParts(item, records, wraps)
    packer.told(item)
    told.add(bytesToHex(item.id))
  }
  for (const info of isNewsOnly ? [] : replica.spacesWith(twin)) {
    if (info.state !== 'open') continue
    const theirs = new Map<string, number>()
    for (const { by, log, seq } of replica.durable(info.id)) {
      if (equals(by.twin, twin)) theirs.set(keyOf(log), Math.max(theirs.get(keyOf(log)) ?? 0, seq))
    }
    let isIntroduced = false
    for (const [author, device, seq] of info.frontier()) {
      const log = { twin: author, device }
      const claimed = theirs.get(keyOf(log)) ?? 0
      if (claimed >= seq) onDelivered?.(info.id, log)
      const after = Math.max(claimed, held(info.id, log))
      // What they wrote themselves is theirs to keep
      if (equals(author, twin) || after >= seq) continue
      let isContinued = false
      for await (const run of replica.runs(info.id, log, after)) {
        const decoded = decodeRun(run)
        // The beginning of the log was dropped: they need a milestone, which only a session brings
        if (decoded.first > after + 1 && !isContinued) break
        const isNews = !isIntroduced && !(await knowsMembers(replica, info, log, claimed))
        // A revocation changes the keys, and with that the membership head: who knows the head has got the list too
        const isUnlisted = !isContinued && (claimed === 0 || isNews) && !told.has(bytesToHex(author))
        const devices = isUnlisted ? replica.deviceRecords(author) : []
        const { records, wraps } =
          isNews && !told.has(bytesToHex(info.id)) ? replica.records(info.id, undefined, twin) : none
        // What it takes to verify a run goes with it; what is too long for that goes ahead of it
        if (packer.isFullWith(sizeOf(records) + sizeOf(wraps) + sizeOf(devices) + run.length)) yield packer.take()
        yield* packer.inParts({ kind: 'devices', id: author }, devices)
        yield* packer.inParts({ kind: 'members', id: info.id }, records, wraps)
        if (packer.overflowsWith(run.length)) yield packer.take()
        isContinued = true
        isIntroduced = true
        packer.run(info.id, log, run, lastOf(decoded))
      }
    }
  }
  if (!packer.isEmpty) yield packer.take()
}

/** Whoever holds an entry knows the membership that its header names. */
async function knowsMembers(replica: Replica, { id, mhead }: SpaceInfo, log: LogId, claimed: number): Promise<boolean> {
  if (claimed === 0) return false
  for await (const run of replica.runs(id, log, claimed - 1)) return equals(decodeRun(run).mhead[2], mhead[2])
  return false
}

function keyOf({ twin, device }: LogId): string {
  return `${bytesToHex(twin)}/${device}`
}
