import { SyncError } from './sync-error.ts'

const NULL = 0xf6

interface Span {
  readonly at: number
  readonly end: number
}

/**
 * Where a run (FORMATS §7) says what came before it and under which membership. On the live tail both are the same for every run of a
 * log, or known, and weigh more than half as much as a small write: they are left out there and put back by the receiver.
 */
export interface RunHead {
  readonly prev: Span
  readonly mhead: Span
}

/** @throws {SyncError} `malformed`, when the bytes do not begin like a run */
export function findRunHead(run: Uint8Array): RunHead {
  if (run[0] !== 0x87 || run[1] !== 0x01) throw malformed()
  const prev = bytesOrNull(run, skipUint(run, 2))
  const at = skipUint(run, prev.end)
  if (run[at] === NULL) return { prev, mhead: { at, end: at + 1 } }
  if (run[at] !== 0x83) throw malformed()
  const hash = bytesOrNull(run, skipUint(run, skipUint(run, at + 1)))
  return { prev, mhead: { at, end: hash.end } }
}

/** The membership head of a run as its bytes; `undefined` when it was left out. */
export function mheadOf(run: Uint8Array, { mhead: { at, end } }: RunHead): Uint8Array | undefined {
  return run[at] === NULL ? undefined : run.subarray(at, end)
}

/** The run with null in place of some of its head. */
export function leaveOut(run: Uint8Array, head: RunHead, parts: { readonly prev: boolean; readonly mhead: boolean }) {
  const spans = [...(parts.prev ? [head.prev] : []), ...(parts.mhead ? [head.mhead] : [])]
  let left = run.length
  for (const { at, end } of spans) left -= end - at - 1
  const shorter = new Uint8Array(left)
  let from = 0
  let to = 0
  for (const { at, end } of spans) {
    shorter.set(run.subarray(from, at), to)
    to += at - from
    shorter[to++] = NULL
    from = end
  }
  shorter.set(run.subarray(from), to)
  return shorter
}

/** The run with a membership head where it was left out. */
export function putBack(run: Uint8Array, { mhead: { at, end } }: RunHead, mhead: Uint8Array): Uint8Array {
  const longer = new Uint8Array(run.length - (end - at) + mhead.length)
  longer.set(run.subarray(0, at))
  longer.set(mhead, at)
  longer.set(run.subarray(end), at + mhead.length)
  return longer
}

function skipUint(run: Uint8Array, at: number): number {
  const first = run[at] ?? 0xff
  if (first < 24) return at + 1
  if (first > 27) throw malformed()
  return at + 1 + (1 << (first - 24))
}

function bytesOrNull(run: Uint8Array, at: number): Span {
  if (run[at] === NULL) return { at, end: at + 1 }
  if (run[at] !== 0x58 || run[at + 1] !== 32 || at + 34 > run.length) throw malformed()
  return { at, end: at + 34 }
}

function malformed(): SyncError {
  return new SyncError('malformed', 'The peer sent a run that does not begin like one')
}
