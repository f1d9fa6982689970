import type { Known } from '../../crdt/index.ts'
import { bytesToHex, type LogId } from '../../crdt/log/index.ts'
import type { Delivery, SpacePart } from './delivery.ts'
import type { News } from './news.ts'
import { maxParcelBytes, parcelSizes } from './protocol.ts'
import { roomIn } from './sealed-parcel.ts'

export interface PlannedDelivery {
  readonly delivery: Delivery
  /** How far the logs reach with it */
  readonly reached: readonly { readonly space: Uint8Array; readonly log: LogId; readonly seq: number }[]
  /** What is known with it, and with those before it */
  readonly told: readonly News[]
}

/** Signature, and what names what: left free in each parcel */
const reserve = 2048
/** A parcel is closed at this class: a lost one costs little. One run may need the largest */
const room = roomIn(parcelSizes.at(-2)!) - reserve

const largest = roomIn(maxParcelBytes) - reserve

/** Fills one delivery after the other. */
export class ParcelPacker {
  readonly #spaces = new Map<
    string,
    { -readonly [K in keyof SpacePart]: SpacePart[K] extends readonly (infer I)[] ? I[] : SpacePart[K] }
  >()
  readonly #devices = new Map<string, { readonly twin: Uint8Array; readonly records: Uint8Array[] }>()
  readonly #reached = new Map<string, PlannedDelivery['reached'][number]>()
  readonly #told: News[] = []
  #size = 0

  get isEmpty(): boolean {
    return this.#size === 0
  }

  isFullWith(size: number): boolean {
    return !this.isEmpty && this.#size + size > room
  }

  /** Whether even the largest parcel has no room for it any more. */
  overflowsWith(size: number): boolean {
    return !this.isEmpty && this.#size + size > largest
  }

  devices(twin: Uint8Array, records: readonly Uint8Array[]): void {
    const known = this.#devices.get(bytesToHex(twin)) ?? { twin, records: [] }
    known.records.push(...records)
    this.#devices.set(bytesToHex(twin), known)
    this.#size += sizeOf(records)
  }

  records(space: Uint8Array, records: readonly Uint8Array[], wraps: readonly Uint8Array[]): void {
    const part = this.#part(space)
    part.records.push(...records)
    part.wraps.push(...wraps)
    this.#size += sizeOf(records) + sizeOf(wraps)
  }

  /** Records of a list or a space in as many parcels as they need: each fits one, and the next continues it. */
  *inParts({ kind, id }: Known, records: readonly Uint8Array[], wraps: readonly Uint8Array[] = []) {
    const put = (record: Uint8Array, isWrap: boolean) => {
      if (kind === 'devices') this.devices(id, [record])
      else this.records(id, isWrap ? [] : [record], isWrap ? [record] : [])
    }
    const all = [...records.map(record => [record, false] as const), ...wraps.map(wrap => [wrap, true] as const)]
    const whole = sizeOf(records) + sizeOf(wraps)
    if (whole <= room && this.isFullWith(whole)) yield this.take()
    for (const [record, isWrap] of all) {
      if (this.isFullWith(sizeOf([record]))) yield this.take()
      put(record, isWrap)
    }
  }

  told(news: News): void {
    this.#told.push(news)
  }

  run(space: Uint8Array, log: LogId, run: Uint8Array, seq: number): void {
    this.#part(space).runs.push({ log, run })
    this.#reached.set(`${bytesToHex(space)}/${bytesToHex(log.twin)}/${log.device}`, { space, log, seq })
    this.#size += run.length + 64
  }

  take(): PlannedDelivery {
    const delivery = { devices: [...this.#devices.values()], spaces: [...this.#spaces.values()] }
    const [reached, told] = [[...this.#reached.values()], this.#told.splice(0)]
    this.#devices.clear()
    this.#spaces.clear()
    this.#reached.clear()
    this.#size = 0
    return { delivery, reached, told }
  }

  #part(space: Uint8Array) {
    const key = bytesToHex(space)
    const part = this.#spaces.get(key) ?? { space, records: [], wraps: [], runs: [] }
    this.#spaces.set(key, part)
    return part
  }
}

/** Bytes that they take in a parcel. */
export function sizeOf(blobs: readonly Uint8Array[]): number {
  return blobs.reduce((sum, { length }) => sum + length + 8, 0)
}
