import { equals } from 'uint8arrays/equals'
import type { Replica, SpaceInfo } from '../../crdt/index.ts'
import { bytesToHex, decodeRun, type LogId, lastOf } from '../../crdt/log/index.ts'
import type { Delivery, SpacePart } from './delivery.ts'
import { parcelSizes } from './protocol.ts'
import { roomIn } from './sealed-parcel.ts'

export interface PlannedDelivery {
  readonly delivery: Delivery
  /** How far the logs reach with it */
  readonly reached: readonly { readonly space: Uint8Array; readonly log: LogId; readonly seq: number }[]
}

export interface PlanInit {
  readonly replica: Replica
  /** For whom */
  readonly twin: Uint8Array
  /** How far the mailbox has a log already */
  readonly held: (space: Uint8Array, log: LogId) => number
  /** Told of logs that they have whole, as they signed */
  readonly onDelivered?: (space: Uint8Array, log: LogId) => void
}

const none = { records: [], wraps: [] }
/** Signature, and what names what: left free in each parcel */
const reserve = 2048
/** A parcel is closed at this class: a lost one costs little. One run may need the largest */
const room = roomIn(parcelSizes.at(-2)!) - reserve

/**
 * What a twin lacks by the durable frontiers that its devices signed, and by what was left for it before, in parcels. Everything in
 * them is as a sync session would send it.
 */
export async function* planDeliveries({ replica, twin, held, onDelivered }: PlanInit): AsyncGenerator<PlannedDelivery> {
  const packer = new Packer()
  for (const info of replica.spacesWith(twin)) {
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
        const devices = !isContinued && (claimed === 0 || isNews) ? replica.deviceRecords(author) : []
        const { records, wraps } = isNews ? replica.records(info.id, undefined, twin) : none
        if (packer.isFullWith(sizeOf(records) + sizeOf(wraps) + sizeOf(devices))) yield packer.take()
        if (devices.length > 0) packer.devices(author, devices)
        if (isNews) packer.records(info.id, records, wraps)
        isContinued = true
        isIntroduced = true
        if (packer.isFullWith(run.length)) yield packer.take()
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

/** Fills one delivery after the other. */
class Packer {
  readonly #spaces = new Map<
    string,
    { -readonly [K in keyof SpacePart]: SpacePart[K] extends readonly (infer I)[] ? I[] : SpacePart[K] }
  >()
  readonly #devices = new Map<string, { twin: Uint8Array; records: readonly Uint8Array[] }>()
  readonly #reached = new Map<string, PlannedDelivery['reached'][number]>()
  #size = 0

  get isEmpty(): boolean {
    return this.#reached.size === 0
  }

  isFullWith(size: number): boolean {
    return !this.isEmpty && this.#size + size > room
  }

  devices(twin: Uint8Array, records: readonly Uint8Array[]): void {
    this.#devices.set(bytesToHex(twin), { twin, records })
    this.#size += sizeOf(records)
  }

  records(space: Uint8Array, records: readonly Uint8Array[], wraps: readonly Uint8Array[]): void {
    const part = this.#part(space)
    part.records.push(...records)
    part.wraps.push(...wraps)
    this.#size += sizeOf(records) + sizeOf(wraps)
  }

  run(space: Uint8Array, log: LogId, run: Uint8Array, seq: number): void {
    this.#part(space).runs.push({ log, run })
    this.#reached.set(`${bytesToHex(space)}/${keyOf(log)}`, { space, log, seq })
    this.#size += run.length + 64
  }

  take(): PlannedDelivery {
    const delivery = { devices: [...this.#devices.values()], spaces: [...this.#spaces.values()] }
    const reached = [...this.#reached.values()]
    this.#devices.clear()
    this.#spaces.clear()
    this.#reached.clear()
    this.#size = 0
    return { delivery, reached }
  }

  #part(space: Uint8Array) {
    const key = bytesToHex(space)
    const part = this.#spaces.get(key) ?? { space, records: [], wraps: [], runs: [] }
    this.#spaces.set(key, part)
    return part
  }
}

function keyOf({ twin, device }: LogId): string {
  return `${bytesToHex(twin)}/${device}`
}

function sizeOf(blobs: readonly Uint8Array[]): number {
  return blobs.reduce((sum, { length }) => sum + length + 8, 0)
}
