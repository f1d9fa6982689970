import { domainPrefix } from '../bytes.ts'
import { decode, encode } from '../codec.ts'
import type { Crypto } from '../crypto/index.ts'
import { type Dep, encodeHeader, entryHash, maxSealedBytes, sealOverhead } from './entry.ts'
import { asBytes, asList, asUint, FormatError } from './fields.ts'
import type { DecidedHead, LogId } from './log-id.ts'

export const maxRunEntries = 256
export const maxRunBytes = 1024 * 1024
/** Slack for what surrounds the entries. */
const runOverhead = 1024
const maxDeps = 1024
const maxDevice = 0xffff
const commitDomain = domainPrefix('twinmesh/commit/1')

export interface RunEntry {
  readonly deps: readonly Dep[]
  readonly time: number
  readonly kind: number
  readonly sealed: Uint8Array
}

/** Consecutive entries of one log under one signature (FORMATS §7). */
export interface Run {
  readonly first: number
  /** Hash of entry `first` − 1; undefined on the wire when the receiver has it. */
  readonly prev?: Uint8Array
  readonly epoch: number
  readonly mhead: DecidedHead
  readonly entries: readonly RunEntry[]
  /** By the log's device over its last entry. */
  readonly signature: Uint8Array
}

export function encodeRun(run: Run): Uint8Array {
  const entries = run.entries.map(({ deps, time, kind, sealed }) => [deps, time, kind, sealed])
  return encode([1, run.first, run.prev ?? null, run.epoch, run.mhead, entries, run.signature])
}

/** @throws {FormatError} for anything that is not a run within its limits */
export function decodeRun(bytes: Uint8Array): Run {
  if (bytes.length > maxRunBytes + runOverhead) throw new FormatError('The run is too long')
  const [version, first, prev, epoch, mhead, entries, signature] = asList(decodeAny(bytes), 7)
  if (version !== 1) throw new FormatError('The version of the run is not known')
  const run = {
    first: asUint(first),
    prev: prev === null ? undefined : asBytes(prev, 32),
    epoch: asUint(epoch),
    mhead: readHead(mhead),
    entries: asList(entries, undefined, maxRunEntries).map(readEntry),
    signature: asBytes(signature, 64)
  }
  if (run.first < 1 || run.entries.length === 0) throw new FormatError('A run has at least one entry, counted from 1')
  return run
}

/** The last sequence number of a run. */
export function lastOf(run: Run): number {
  return run.first + run.entries.length - 1
}

/** The hash of every entry, and its encoded header; linked from `prev`. */
export function linkRun(
  crypto: Crypto,
  space: Uint8Array,
  log: LogId,
  run: Run,
  prev: Uint8Array
): { headers: Uint8Array[]; hashes: Uint8Array[] } {
  const headers: Uint8Array[] = []
  const hashes: Uint8Array[] = []
  let hash = prev
  for (let index = 0; index < run.entries.length; index++) {
    const { deps, time, kind, sealed } = run.entries[index]!
    const { epoch, mhead } = run
    const header = encodeHeader({ space, log, seq: run.first + index, prev: hash, epoch, mhead, deps, time, kind })
    hash = entryHash(crypto, header, sealed)
    headers.push(header)
    hashes.push(hash)
  }
  return { headers, hashes }
}

/** What a device signs once per group commit. */
export function commitPreimage(space: Uint8Array, log: LogId, seq: number, hash: Uint8Array): Uint8Array {
  const body = encode([space, log.twin, log.device, seq, hash])
  const message = new Uint8Array(commitDomain.length + body.length)
  message.set(commitDomain)
  message.set(body, commitDomain.length)
  return message
}

function decodeAny(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { maxDepth: 5 })
  } catch (cause) {
    throw new FormatError('The run is not well formed', { cause })
  }
}

export function readHead(value: unknown): DecidedHead {
  const [term, seq, hash] = asList(value, 3)
  return [asUint(term), asUint(seq), asBytes(hash, 32)]
}

function readEntry(value: unknown): RunEntry {
  const [deps, time, kind, sealed] = asList(value, 4)
  const entry = {
    deps: asList(deps, undefined, maxDeps).map(readDep),
    time: asUint(time),
    kind: asUint(kind),
    sealed: asBytes(sealed, undefined, maxSealedBytes)
  }
  if (entry.kind !== 0) throw new FormatError('The kind of the entry is not known')
  if (entry.sealed.length < sealOverhead) throw new FormatError('The sealed payload is too short')
  for (let index = 1; index < entry.deps.length; index++) {
    const [member, device] = entry.deps[index]!
    const [memberBefore, deviceBefore] = entry.deps[index - 1]!
    if (member < memberBefore || (member === memberBefore && device <= deviceBefore)) {
      throw new FormatError('Dependencies are not sorted or not unique')
    }
  }
  return entry
}

function readDep(value: unknown): Dep {
  const [member, device, seq, hash] = asList(value, 4)
  return [asUint(member, 0xffff), asUint(device, maxDevice), asUint(seq), asBytes(hash, 32)]
}
