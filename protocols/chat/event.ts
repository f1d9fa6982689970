import { type BlobReference, listToReference, referenceToList } from '../../crdt/blobs/index.ts'
import { decode, encode } from '../../crdt/crypto/index.ts'
import { maxAttachments, maxReactionLength, maxTextBytes } from './protocol.ts'
import { isUlid } from './ulid.ts'

/**
 * What stands in a conversation document: deterministic CBOR of an array, one byte string each in the root array `e`,
 * in the order of writing, never changed. Authorship is structural: a document has one writing twin, so an event says
 * nothing about who wrote it, and events about a message of one's own need not name its author. Bounds of the fields and the
 * rules of reading: crdt/FORMATS.md §15.
 *
 *     message  = [0, id, lamport, at, text, reply to: id | null, key: text | null]
 *     edit     = [1, id, lamport and at of the message, lamport, at, text]
 *     delete   = [2, id, lamport and at of the message, lamport, at]
 *     react    = [3, author's member number, id, lamport and at of the message, lamport, at, emoji, on: bool]
 *     opened   = [4, [[author's member number, lamport up to which the owner saw their messages], …]]
 *     attach   = [5, id, lamport and at of the message, [reference of a blob, …]]
 *
 * `attach` stands in front of its message, written with it: a reader that does not know it shows the text alone.
 * `lamport` is one more than the highest the author knew in the conversation, `at` the author's clock (ms), display only.
 */
export type ChatEvent =
  | { type: 'message'; id: string; lamport: number; at: number; text: string; replyTo?: string; key?: string }
  | { type: 'edit'; target: Target; lamport: number; at: number; text: string }
  | { type: 'delete'; target: Target; lamport: number; at: number }
  | { type: 'react'; author: number; target: Target; lamport: number; at: number; emoji: string; on: boolean }
  | { type: 'attach'; target: Target; attachments: readonly BlobReference[] }
  | { type: 'opened'; upTo: (readonly [member: number, lamport: number])[] }

/** Where a message stands: what it sorts by. */
export interface Target {
  readonly id: string
  readonly lamport: number
  readonly at: number
}

/** Beyond this an event is ignored; ten thousand messages a second take nine hundred years to get there. */
export const maxLamport = 2 ** 48 - 1
const maxTime = 2 ** 48 - 1
const maxKeyLength = 64
const maxMembers = 1024

export function eventToBytes(event: ChatEvent): Uint8Array {
  switch (event.type) {
    case 'message':
      return encode([0, event.id, event.lamport, event.at, event.text, event.replyTo ?? null, event.key ?? null])
    case 'edit':
      return encode([1, ...targetToList(event.target), event.lamport, event.at, event.text])
    case 'delete':
      return encode([2, ...targetToList(event.target), event.lamport, event.at])
    case 'react':
      return encode([3, event.author, ...targetToList(event.target), event.lamport, event.at, event.emoji, event.on])
    case 'opened':
      return encode([4, event.upTo])
    case 'attach':
      return encode([5, ...targetToList(event.target), event.attachments.map(referenceToList)])
  }
}

/** `undefined` for whatever is not an event that this version knows: it is left out of the view, on every device alike. */
export function bytesToEvent(bytes: Uint8Array): ChatEvent | undefined {
  let list: unknown
  try {
    list = decode(bytes, { maxDepth: 3, maxItems: 4 * maxMembers })
  } catch {
    return undefined
  }
  if (!Array.isArray(list)) return undefined
  const [type, ...fields] = list
  return readers[type as number]?.(fields)
}

const readers: Record<number, (fields: unknown[]) => ChatEvent | undefined> = {
  0: ([id, lamport, at, text, replyTo, key, ...rest]) => {
    if (rest.length > 0 || !isUlid(id) || !isLamport(lamport) || !isTime(at) || !isText(text)) return undefined
    if (replyTo !== null && !isUlid(replyTo)) return undefined
    if (key !== null && !(typeof key === 'string' && key.length > 0 && key.length <= maxKeyLength)) return undefined
    return {
      type: 'message',
      id,
      lamport,
      at,
      text,
      ...(replyTo !== null && { replyTo }),
      ...(key !== null && { key })
    }
  },
  1: ([id, targetLamport, targetAt, lamport, at, text, ...rest]) => {
    const target = toTarget(id, targetLamport, targetAt)
    if (rest.length > 0 || target === undefined || !isLamport(lamport) || !isTime(at) || !isText(text)) return undefined
    return { type: 'edit', target, lamport, at, text }
  },
  2: ([id, targetLamport, targetAt, lamport, at, ...rest]) => {
    const target = toTarget(id, targetLamport, targetAt)
    if (rest.length > 0 || target === undefined || !isLamport(lamport) || !isTime(at)) return undefined
    return { type: 'delete', target, lamport, at }
  },
  3: ([author, id, targetLamport, targetAt, lamport, at, emoji, on, ...rest]) => {
    const target = toTarget(id, targetLamport, targetAt)
    if (rest.length > 0 || target === undefined || !isLamport(lamport) || !isTime(at)) return undefined
    if (!isMember(author) || typeof on !== 'boolean') return undefined
    if (typeof emoji !== 'string' || emoji.length === 0 || emoji.length > maxReactionLength) return undefined
    return { type: 'react', author, target, lamport, at, emoji, on }
  },
  4: ([upTo, ...rest]) => {
    if (rest.length > 0 || !Array.isArray(upTo) || upTo.length > maxMembers) return undefined
    const isWhole = upTo.every(
      pair => Array.isArray(pair) && pair.length === 2 && isMember(pair[0]) && isLamport(pair[1])
    )
    return isWhole ? { type: 'opened', upTo } : undefined
  },
  5: ([id, targetLamport, targetAt, list, ...rest]) => {
    const target = toTarget(id, targetLamport, targetAt)
    if (rest.length > 0 || target === undefined || !Array.isArray(list)) return undefined
    if (list.length === 0 || list.length > maxAttachments) return undefined
    const attachments = list.map(listToReference).filter(reference => reference !== undefined)
    return attachments.length === list.length ? { type: 'attach', target, attachments } : undefined
  }
}

function targetToList({ id, lamport, at }: Target): [string, number, number] {
  return [id, lamport, at]
}

function toTarget(id: unknown, lamport: unknown, at: unknown): Target | undefined {
  return isUlid(id) && isLamport(lamport) && isTime(at) ? { id, lamport, at } : undefined
}

function isMember(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 16
}

function isLamport(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= maxLamport
}

function isTime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxTime
}

function isText(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > maxTextBytes) return false
  return value.length * 3 <= maxTextBytes || new TextEncoder().encode(value).length <= maxTextBytes
}
