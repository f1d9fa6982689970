/** Kinds of top-level types a document may declare; `plain` is a text without formats, embeds, types and attributes. */
export type RootKind = 'array' | 'map' | 'text' | 'plain' | 'xml'

/** What one update may do to one document. The defaults are the gate version 1: a space that was made with it keeps it. */
export interface GateRules {
  /** The one Yjs client id that may author: member number × 2^16 + device number (FORMATS §5). */
  readonly client: number
  /** The top-level types of this kind of document; no other name may appear. */
  readonly roots: Readonly<Record<string, RootKind>>
  /** Named in the genesis of the space; the only one so far is 1. */
  readonly version?: number
  /** Longest update (bytes). Default 128 KiB. */
  readonly maxBytes?: number
  /** Most structs in one update. Default 5,000. */
  readonly maxStructs?: number
  /** Most delete ranges in one update. Default 5,000. */
  readonly maxDeletes?: number
  /** Longest stretch of deleted content in one struct. Default 1,000,000. */
  readonly maxDeletedLength?: number
}

export const GATE_VERSION = 1
export const MAX_UPDATE_BYTES = 128 * 1024
export const MAX_STRUCTS = 5000
export const MAX_DELETES = 5000
/** Clocks beyond it are refused, so that nobody burns a clock space in a few entries. */
export const MAX_CLOCK = 2 ** 31
/** Longest stretch of content that was written and deleted within the same update (characters or elements). */
export const MAX_DELETED_LENGTH = 1_000_000
export const MAX_KEY_LENGTH = 256
/** Types inside types, and values inside values. */
export const MAX_DEPTH = 32
/** Items that the gate and Yjs look at for one update, while neighbours are compared. Beyond it the update is held, never skipped. */
export const MAX_STEPS = 1 << 18

/** Names that would change the prototype of the object an app gets from `toJSON()`. */
const POLLUTING = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether a key may appear in a map, an attribute, a format or an object. */
export function isAllowedKey(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && !POLLUTING.has(key)
}
