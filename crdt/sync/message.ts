import { decode, type Encodable } from '../codec.ts'
import type { DecidedHead, LogHead } from '../log/index.ts'
import { asArray, asBytes, asText, asTuple, asUint, ShapeError } from '../shape.ts'
import { readPresence } from '../spaces/index.ts'
import { MAX_AWARENESS_BYTES, MAX_FRONTIER, MAX_ITEM_BYTES, MAX_LOGS, MAX_RECORDS, MAX_SPACES } from './limits.ts'
import { SyncError } from './sync-error.ts'

/** Newest device list of a twin. */
export type TwinHead = readonly [twin: Uint8Array, term: number, seq: number, hash: Uint8Array]

/** FORMATS §10, as read. `space` and `log` are the sender's numbers but where they are bytes. */
export type Message =
  | {
      readonly type: 'open'
      readonly space: number
      readonly id: Uint8Array
      /** Absent: the sender has no record of the space */
      readonly mhead: DecidedHead | undefined
      readonly frontier: readonly LogHead[]
      readonly want: boolean
    }
  | {
      readonly type: 'records'
      readonly space: number
      readonly records: readonly Uint8Array[]
      readonly wraps: readonly Uint8Array[]
    }
  | { readonly type: 'devices'; readonly twin: Uint8Array; readonly records: readonly Uint8Array[] }
  | {
      readonly type: 'log'
      readonly space: number
      readonly log: number
      readonly twin: Uint8Array
      readonly device: number
    }
  | { readonly type: 'run'; readonly space: number; readonly log: number; readonly run: Uint8Array }
  | { readonly type: 'done'; readonly space: number }
  | {
      readonly type: 'durable'
      readonly space: number
      readonly by: number
      readonly log: number
      readonly seq: number
      readonly signature: Uint8Array
    }
  | { readonly type: 'awareness'; readonly space: number; readonly document: string; readonly bytes: Uint8Array }
  | { readonly type: 'refuse'; readonly space: number; readonly code: string; readonly text: string }
  | { readonly type: 'heads'; readonly heads: readonly TwinHead[] }
  | { readonly type: 'milestone'; readonly space: number; readonly milestone: Uint8Array }
  | { readonly type: 'part'; readonly space: number; readonly part: Uint8Array }
  | { readonly type: 'complete'; readonly space: number }
  | {
      readonly type: 'want'
      readonly space: number
      readonly twin: Uint8Array
      readonly device: number
      readonly number: number
      readonly wants: boolean
    }

const MAX_DEVICE = 0xffff
const MAX_CODE_BYTES = 32
const MAX_TEXT_BYTES = 256
const MAX_DOCUMENT_BYTES = 128
const MAX_MESSAGES = 8192

/**
 * Reads one item: a message, or an array of messages.
 *
 * @throws {SyncError} `malformed`, for anything else
 */
export function decodeItem(bytes: Uint8Array): Message[] {
  try {
    if (bytes.length > MAX_ITEM_BYTES) throw new ShapeError('The item is too long')
    const item = asArray(decode(bytes), 'An item', MAX_MESSAGES)
    return typeof item[0] === 'number' ? [readMessage(item)] : item.map(readMessage)
  } catch (cause) {
    throw new SyncError('malformed', `The peer sent a malformed item: ${(cause as Error).message}`, { cause })
  }
}

export function messageToValue(message: Message): Encodable {
  switch (message.type) {
    case 'open':
      return [0, message.space, message.id, message.mhead ?? null, message.frontier, message.want]
    case 'records':
      return [1, message.space, message.records, message.wraps]
    case 'devices':
      return [2, message.twin, message.records]
    case 'log':
      return [3, message.space, message.log, message.twin, message.device]
    case 'run':
      return [4, message.space, message.log, message.run]
    case 'done':
      return [5, message.space]
    case 'durable':
      return [6, message.space, message.by, message.log, message.seq, message.signature]
    case 'awareness':
      return [7, message.space, message.document, message.bytes]
    case 'refuse':
      return [8, message.space, message.code, message.text]
    case 'heads':
      return [9, message.heads]
    case 'milestone':
      return [10, message.space, message.milestone]
    case 'part':
      return [11, message.space, message.part]
    case 'complete':
      return [12, message.space]
    case 'want':
      return [13, message.space, message.twin, message.device, message.number, message.wants]
  }
}

function readMessage(value: unknown): Message {
  const fields = asArray(value, 'A message', 6)
  const tuple = (length: number): readonly unknown[] => asTuple(fields, 'A message', length)
  switch (fields[0]) {
    case 0: {
      const [, space, id, mhead, frontier, want] = tuple(6)
      if (typeof want !== 'boolean') throw new ShapeError('The wish for a space is neither yes nor no')
      return {
        type: 'open',
        space: asSpace(space),
        id: asBytes(id, 'The space id', 32),
        mhead: mhead === null ? undefined : readHead(mhead),
        frontier: asArray(frontier, 'The frontier', MAX_FRONTIER).map(readLogHead),
        want
      }
    }
    case 1: {
      const [, space, records, wraps] = tuple(4)
      return { type: 'records', space: asSpace(space), records: readBlobs(records), wraps: readBlobs(wraps) }
    }
    case 2: {
      const [, twin, records] = tuple(3)
      return { type: 'devices', twin: asBytes(twin, 'The twin', 32), records: readBlobs(records) }
    }
    case 3: {
      const [, space, log, twin, device] = tuple(5)
      return {
        type: 'log',
        space: asSpace(space),
        log: asLog(log),
        twin: asBytes(twin, 'The twin', 32),
        device: asUint(device, 'The device', MAX_DEVICE, 1)
      }
    }
    case 4: {
      const [, space, log, run] = tuple(4)
      return { type: 'run', space: asSpace(space), log: asLog(log), run: asBytes(run, 'The run') }
    }
    case 5:
      return { type: 'done', space: asSpace(tuple(2)[1]) }
    case 6: {
      const [, space, by, log, seq, signature] = tuple(6)
      return {
        type: 'durable',
        space: asSpace(space),
        by: asLog(by),
        log: asLog(log),
        seq: asUint(seq, 'The sequence', undefined, 1),
        signature: asBytes(signature, 'The signature', 64)
      }
    }
    case 7: {
      const [, space, document, update] = tuple(4)
      const bytes = asBytes(update, 'The presence')
      if (bytes.length > MAX_AWARENESS_BYTES) throw new ShapeError('The presence is too long')
      readPresence(bytes)
      return {
        type: 'awareness',
        space: asSpace(space),
        document: asText(document, 'The document', MAX_DOCUMENT_BYTES),
        bytes
      }
    }
    case 8: {
      const [, space, code, text] = tuple(4)
      return {
        type: 'refuse',
        space: asSpace(space),
        code: asText(code, 'The code', MAX_CODE_BYTES),
        text: asText(text, 'The text', MAX_TEXT_BYTES)
      }
    }
    case 9: {
      const heads = asArray(tuple(2)[1], 'The heads', MAX_RECORDS)
      return { type: 'heads', heads: heads.map(readTwinHead) }
    }
    case 10: {
      const [, space, milestone] = tuple(3)
      return { type: 'milestone', space: asSpace(space), milestone: asBytes(milestone, 'The milestone') }
    }
    case 11: {
      const [, space, part] = tuple(3)
      return { type: 'part', space: asSpace(space), part: asBytes(part, 'The part') }
    }
    case 12:
      return { type: 'complete', space: asSpace(tuple(2)[1]) }
    case 13: {
      const [, space, twin, device, number, wants] = tuple(6)
      if (typeof wants !== 'boolean') throw new ShapeError('The wish for a milestone is neither yes nor no')
      return {
        type: 'want',
        space: asSpace(space),
        twin: asBytes(twin, 'The twin', 32),
        device: asUint(device, 'The device', MAX_DEVICE, 1),
        number: asUint(number, 'The number of the milestone'),
        wants
      }
    }
    default:
      throw new ShapeError('The kind of the message is unknown')
  }
}

function asSpace(value: unknown): number {
  return asUint(value, 'The number of the space', MAX_SPACES - 1)
}

function asLog(value: unknown): number {
  return asUint(value, 'The number of the log', MAX_LOGS - 1)
}

function readBlobs(value: unknown): Uint8Array[] {
  return asArray(value, 'The list of records', MAX_RECORDS).map(item => asBytes(item, 'A record'))
}

function readHead(value: unknown): DecidedHead {
  const [term, seq, hash] = asTuple(value, 'A head', 3)
  return [asUint(term, 'The term'), asUint(seq, 'The sequence'), asBytes(hash, 'The hash', 32)]
}

function readLogHead(value: unknown): LogHead {
  const [twin, device, seq, hash] = asTuple(value, 'A log head', 4)
  return [
    asBytes(twin, 'The twin', 32),
    asUint(device, 'The device', MAX_DEVICE, 1),
    asUint(seq, 'The sequence', undefined, 1),
    asBytes(hash, 'The hash', 32)
  ]
}

function readTwinHead(value: unknown): TwinHead {
  const [twin, ...head] = asTuple(value, 'The head of a twin', 4)
  return [asBytes(twin, 'The twin', 32), ...readHead(head)]
}
