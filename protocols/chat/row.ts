import { type BlobReference, listToReference, referenceToList } from '../../crdt/blobs/index.ts'
import { decode, encode } from '../../crdt/crypto/index.ts'
import type { Target } from './event.ts'

/**
 * Index rows of a conversation. Whatever was said about a message sorts directly behind it, so one range read answers
 * `history`; the author stands in the key, so nobody gets behind the message of another by naming it.
 *
 *     m/<position>/<author>/0/<seq (12)><device (4)>            [device, seq, text, reply to | null]; the first one counts
 *     m/<position>/<author>/1/<when>                            [text, at]         newest edit, by the author
 *     m/<position>/<author>/2                                   []                 deleted by the author
 *     m/<position>/<author>/3/<who reacted>/<emoji hex>/<when>  [on]
 *     m/<position>/<author>/4/<seq (12)><device (4)>            [[reference of a blob, …]]; the first one counts
 *     i/<id>/<author>                                           [position]
 *     k/<author>/<key hex>                                      [position]
 *     /b/<address>/<position>/<author>                          reference (FORMATS §18), until the message is deleted
 *     o/<reader>/<month>                                        [[author, lamport], …]
 *
 * position = lamport (12 hex digits) at (12) id; author and readers = member number (4 hex digits); when = lamport (12)
 * device (4) seq (12).
 */
export interface Position extends Target {
  readonly author: number
}

export interface When {
  readonly lamport: number
  readonly device: number
  readonly seq: number
}

export const messages = { gte: 'm/', lt: 'm0' }
export const openedMarks = { gte: 'o/', lt: 'o0' }

export const idRange = (id: string) => ({ gte: `i/${id}/`, lt: `i/${id}0` })
export const idKey = (id: string, author: number) => `i/${id}/${hex(author, 4)}`
export const sendKey = (author: number, key: string) => `k/${hex(author, 4)}/${textToHex(key)}`
export const openedKey = (reader: number, month: string) => `o/${hex(reader, 4)}/${month}`

export function positionToText({ lamport, at, id }: Target): string {
  return `${hex(lamport, 12)}${hex(at, 12)}${id}`
}

export function textToPosition(text: string): Target {
  return {
    lamport: Number.parseInt(text.slice(0, 12), 16),
    at: Number.parseInt(text.slice(12, 24), 16),
    id: text.slice(24)
  }
}

export function messageKey(position: Position): string {
  return `m/${positionToText(position)}/${hex(position.author, 4)}`
}

/** An author who says two things under one id has said the first of them: the other would be an edit that nobody sees. */
export function textKey(position: Position, { device, seq }: Pick<When, 'device' | 'seq'>): string {
  return `${messageKey(position)}/0/${hex(seq, 12)}${hex(device, 4)}`
}

export function editKey(position: Position, when: When): string {
  return `${messageKey(position)}/1/${whenToText(when)}`
}

export function deleteKey(position: Position): string {
  return `${messageKey(position)}/2`
}

export function reactionKey(position: Position, reactor: number, emoji: string, when: When): string {
  return `${messageKey(position)}/3/${hex(reactor, 4)}/${textToHex(emoji)}/${whenToText(when)}`
}

export function attachKey(position: Position, { device, seq }: Pick<When, 'device' | 'seq'>): string {
  return `${messageKey(position)}/4/${hex(seq, 12)}${hex(device, 4)}`
}

/** What a reference row calls a message that refers to a blob. */
export function attachPlace(position: Position): string {
  return messageKey(position).slice(2)
}

/** Everything about one message, itself included. */
export function messageRange(position: Position): { gte: string; lt: string } {
  const key = messageKey(position)
  return { gte: key, lt: `${key}0` }
}

/** Length of `m/<position>/<author>`. */
const messageKeyLength = 2 + 12 + 12 + 26 + 1 + 4

export type MessageRow =
  | { type: 'text'; message: string }
  | { type: 'edit'; message: string }
  | { type: 'delete'; message: string }
  | { type: 'attach'; message: string }
  | { type: 'react'; message: string; reactor: number; emoji: string }

export function keyToMessageRow(key: string): MessageRow {
  const message = key.slice(0, messageKeyLength)
  const [kind, reactor, emoji] = key.slice(messageKeyLength + 1).split('/')
  if (kind === '1') return { type: 'edit', message }
  if (kind === '2') return { type: 'delete', message }
  if (kind === '3') return { type: 'react', message, reactor: Number.parseInt(reactor!, 16), emoji: hexToText(emoji!) }
  if (kind === '4') return { type: 'attach', message }
  return { type: 'text', message }
}

export function keyToPosition(message: string): Position {
  const [, position, author] = message.split('/')
  return { ...textToPosition(position!), author: Number.parseInt(author!, 16) }
}

// Rows are written by this twin alone, so their shape is known

export const messageValue = {
  toBytes: (device: number, seq: number, text: string, replyTo: string | undefined) =>
    encode([device, seq, text, replyTo ?? null]),
  fromBytes: (bytes: Uint8Array) => decode(bytes) as [device: number, seq: number, text: string, replyTo: string | null]
}
export const editValue = {
  toBytes: (text: string, at: number) => encode([text, at]),
  fromBytes: (bytes: Uint8Array) => decode(bytes) as [text: string, at: number]
}
export const attachValue = {
  toBytes: (attachments: readonly BlobReference[]) => encode([attachments.map(referenceToList)]),
  fromBytes: (bytes: Uint8Array) =>
    (decode(bytes) as [unknown[]])[0].map(listToReference).filter(reference => reference !== undefined)
}
export const onValue = {
  toBytes: (on: boolean) => encode([on]),
  fromBytes: (bytes: Uint8Array) => (decode(bytes) as [boolean])[0]
}
export const positionValue = {
  toBytes: (position: Target) => encode([positionToText(position)]),
  fromBytes: (bytes: Uint8Array) => textToPosition((decode(bytes) as [string])[0])
}
export const openedValue = {
  toBytes: (upTo: (readonly [number, number])[]) => encode(upTo),
  fromBytes: (bytes: Uint8Array) => decode(bytes) as [member: number, lamport: number][]
}

function whenToText({ lamport, device, seq }: When): string {
  return `${hex(lamport, 12)}${hex(device, 4)}${hex(seq, 12)}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function textToHex(text: string): string {
  return Array.from(new TextEncoder().encode(text), byte => hex(byte, 2)).join('')
}

function hexToText(digits: string): string {
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)
  )
  return new TextDecoder().decode(bytes)
}
