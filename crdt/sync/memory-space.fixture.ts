import { webCrypto } from '../crypto/index.ts'
import { bytesToHex, type DecidedHead, decodeRun, type LogHead, type LogId, type Run, zeroHash } from '../log/index.ts'
import type { DurableClaim, SpaceInfo, SpaceState } from '../spaces/index.ts'
import { logKey } from './numbers.ts'

const crypto = webCrypto()

export interface MemoryLog {
  readonly log: LogId
  readonly runs: { readonly first: number; readonly last: number; readonly bytes: Uint8Array }[]
  hash: Uint8Array
  seq: number
}

export interface MemorySpace {
  readonly id: Uint8Array
  state: SpaceState
  /** Record 0 is empty; each other one names a twin that becomes a member. */
  readonly records: Uint8Array[]
  readonly logs: Map<string, MemoryLog>
  readonly claims: Map<string, DurableClaim>
}

export function bytes(seed: number, length = 32): Uint8Array {
  return new Uint8Array(length).fill(seed)
}

export function toInfo(space: MemorySpace): SpaceInfo {
  return {
    id: space.id,
    state: space.state,
    mhead: mheadOf(space),
    frontier: () => frontierOf(space),
    isMember: twin => space.records.some(record => bytesToHex(record) === bytesToHex(twin)),
    mayRead: twin => space.records.some(record => bytesToHex(record) === bytesToHex(twin))
  }
}

export function logOf(space: MemorySpace, log: LogId): MemoryLog {
  let memory = space.logs.get(logKey(log))
  if (memory === undefined) {
    memory = { log, runs: [], hash: zeroHash, seq: 0 }
    space.logs.set(logKey(log), memory)
  }
  return memory
}

export function mheadOf({ records }: MemorySpace): DecidedHead {
  return [0, records.length - 1, crypto.sha256(...records)]
}

/** The next run of a log, unsigned. */
export function makeRun(space: MemorySpace, memory: MemoryLog, entries: number, size: number, time: number): Run {
  return {
    first: memory.seq + 1,
    prev: memory.hash,
    epoch: 1,
    mhead: mheadOf(space),
    entries: Array.from({ length: entries }, () => ({ deps: [], time, kind: 0, sealed: sealedBytes(size) })),
    signature: new Uint8Array(64)
  }
}

function frontierOf(space: MemorySpace): LogHead[] {
  return [...space.logs.values()]
    .filter(({ seq }) => seq > 0)
    .map(({ log, seq, hash }): LogHead => [log.twin, log.device, seq, hash])
}

/** Differs each time in its beginning. */
function sealedBytes(size: number): Uint8Array {
  const sealed = new Uint8Array(size)
  sealed.set(crypto.randomBytes(Math.min(size, 32)))
  return sealed
}

/** Undefined for what is no run. */
export function readRun(bytes: Uint8Array): Run | undefined {
  try {
    return decodeRun(bytes)
  } catch {
    return undefined
  }
}
