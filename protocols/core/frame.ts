/**
 * Wire format 1.0 of every protocol under `/twin/`. Vectors: `vectors/1.0.json`.
 *
 * A stream carries frames: an unsigned LEB128 length of at most four bytes, then that many bytes of deterministic CBOR (see
 * `cbor-encode.ts`). The length is at least 1 and at most the protocol's `maxMessageSize`. A frame is a map with one-letter keys:
 *
 *   i  number of a unary call on a session, chosen by the caller, rising from 1
 *   m  method                      b  body: request, response or item
 *   t  time left for the call, ms  w  credit, bytes
 *   x  true: the caller gave up    z  true: the sender has no more items
 *   e  {c: code, m: sentence, d?: details}
 *
 * Unknown keys are ignored (in `e` too); a known key of another type is an error and breaks the stream.
 *
 * Session: one stream per channel and protocol for all unary calls. The caller sends {i,m,b,t?} and later perhaps {i,x};
 * the server answers each i once, in any order, with {i,b} or {i,e}. {e} without i refuses the whole stream.
 *
 * Call stream: one stream per `stream` or `duplex` call. The caller opens with {m,b,w}, for `duplex` the server opens with {w};
 * w is the window, bytes of item frames the other side may have unacknowledged. Items are {b}. A sender may start an item
 * while fewer than w bytes are unacknowledged. Later {w:n} acknowledge n > 0 bytes of consumed items; acknowledging more than
 * is out is an error; {w:0} says only that the sender is alive. {z} ends a direction, the server's {z} or {e} ends the call,
 * {x} from the caller cancels it. A stream that ends without {z}, {e} or {x} broke.
 *
 * The first frame tells the two apart: a session's has i.
 */
import { decodeCbor } from './cbor-decode.ts'
import { encodeParts } from './cbor-encode.ts'
import { type ErrorCode, isErrorCode, maxErrorMessageLength, ProtocolError } from './errors.ts'
import { maxMessageDepth } from './limits.ts'

export interface WireError {
  readonly c: string
  readonly m: string
  readonly d?: Readonly<Record<string, unknown>>
}

export interface Frame {
  readonly i?: number
  readonly m?: string
  readonly b?: unknown
  readonly t?: number
  readonly w?: number
  readonly x?: true
  readonly z?: true
  readonly e?: WireError
}

/** Four groups of seven bits: 256 MiB, far above any `maxMessageSize`. */
const maxLengthBytes = 4
const maxDetailsSize = 1024

/** A frame with its length, as chunks to be written one after the other. */
export function encodeFrame(frame: Frame, maxMessageSize: number): Uint8Array[] {
  const parts = encodeParts(frame, maxLengthBytes)
  let size = -maxLengthBytes
  for (const part of parts) size += part.length
  if (size > maxMessageSize) throw new ProtocolError('TooLarge', `Message is above ${maxMessageSize} bytes`)
  const head = parts[0]!
  const width = lengthWidth(size)
  const start = maxLengthBytes - width
  for (let i = 0; i < width; i++) head[start + i] = ((size >>> (7 * i)) & 0x7f) | (i < width - 1 ? 0x80 : 0)
  parts[0] = head.subarray(start)
  return parts
}

/** Bytes that a length takes. */
export function lengthWidth(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4
}

/** Reads one frame without its length. Whatever is wrong with it is a `ProtocolError` of code `InvalidArgument`. */
export function decodeFrame(payload: Uint8Array): Frame {
  let value: unknown
  try {
    value = decodeCbor(payload, { maxDepth: maxMessageDepth })
  } catch (error) {
    throw malformed((error as Error).message)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('a frame is a map')
  const frame = value as Record<string, unknown>
  if (!isCount(frame.i, 1) || !isCount(frame.t, 1) || !isCount(frame.w, 0)) throw malformed('a number is out of range')
  if (frame.m !== undefined && (typeof frame.m !== 'string' || frame.m.length > 64)) throw malformed('m is a name')
  if (!isFlag(frame.x) || !isFlag(frame.z)) throw malformed('x and z are true or absent')
  if (frame.e !== undefined && !isWireError(frame.e)) throw malformed('e is not an error')
  return frame as Frame
}

export function errorToWire(error: ProtocolError): WireError {
  const wire = { c: error.code, m: error.message.slice(0, maxErrorMessageLength) }
  if (error.details === undefined) return wire
  try {
    const size = encodeParts(error.details).reduce((sum, part) => sum + part.length, 0)
    return size > maxDetailsSize ? wire : { ...wire, d: error.details }
  } catch {
    return wire
  }
}

export function wireToError(wire: WireError): ProtocolError {
  const code: ErrorCode = isErrorCode(wire.c) ? wire.c : 'Internal'
  return new ProtocolError(code, wire.m.slice(0, maxErrorMessageLength), { details: wire.d })
}

export function malformed(what: string): ProtocolError {
  return new ProtocolError('InvalidArgument', `Malformed frame: ${what}`)
}

function isCount(value: unknown, least: number): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)
}

function isFlag(value: unknown): boolean {
  return value === undefined || value === true
}

function isWireError(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { c, m, d } = value as Record<string, unknown>
  const isMap = typeof d === 'object' && d !== null && !Array.isArray(d)
  return typeof c === 'string' && typeof m === 'string' && (d === undefined || isMap)
}
