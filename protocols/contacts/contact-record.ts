import * as v from 'valibot'
import { decode, encode } from '../../crdt/crypto/index.ts'
import { type Contact, contactStates } from './protocol.ts'

/** What is stored of a contact, under its twin id, in the twin's own space (crdt/FORMATS.md §13). */
export interface ContactRecord {
  readonly id: string
  readonly name: string
  readonly state: (typeof contactStates)[number]
  readonly verified: boolean
  readonly addedAt: number
  /** What they wrote when they knocked */
  readonly message?: string
  /** What we say when we knock */
  readonly greeting?: string
  /** Token of their invite, kept until it worked */
  readonly token?: Uint8Array
  /** Hash of the newest record of their device list when they invited: who presents an older list is not believed */
  readonly head?: Uint8Array
  /** Whether the owner chose the name; a suggested one may still be replaced by what they show */
  readonly named?: boolean
  /** Whether the knock arrived there */
  readonly delivered?: boolean
  /** Whether they know that they were accepted */
  readonly told?: boolean
  /** State before blocking */
  readonly before?: (typeof contactStates)[number]
  /** Device that made it a contact, and so the one that opens the conversation */
  readonly device?: number
}

const state = v.picklist(contactStates)
const schema = v.object({
  name: v.string(),
  state,
  verified: v.boolean(),
  addedAt: v.number(),
  message: v.optional(v.string()),
  greeting: v.optional(v.string()),
  token: v.optional(v.instance(Uint8Array)),
  head: v.optional(v.instance(Uint8Array)),
  named: v.optional(v.boolean()),
  delivered: v.optional(v.boolean()),
  told: v.optional(v.boolean()),
  before: v.optional(state),
  device: v.optional(v.number())
})

export function recordToBytes({ id: _, ...fields }: ContactRecord): Uint8Array {
  return encode(fields)
}

/** `undefined` for bytes that another version of the software wrote in a way this one cannot read. */
export function bytesToRecord(id: string, bytes: Uint8Array): ContactRecord | undefined {
  const result = v.safeParse(schema, Object.assign({}, decode(bytes)))
  return result.success ? { id, ...result.output } : undefined
}

/** What an owner sees of it. */
export function recordToContact(record: ContactRecord): Contact {
  const { id, name, verified, addedAt, message } = record
  const note = noteOf(record)
  return {
    id,
    name,
    state: record.state,
    verified,
    addedAt,
    ...(message !== undefined && record.state === 'knocking' && { message }),
    ...(note !== undefined && { note })
  }
}

function noteOf(record: ContactRecord): string | undefined {
  if (record.state === 'contact' && record.told === false) {
    return 'Accepted; they hear of it as soon as their twin is reached'
  }
  if (record.state !== 'requested') return undefined
  if (record.delivered !== true) return 'The twin was not reached yet; it is asked again as soon as it is'
  return record.token === undefined
    ? 'The request arrived and waits to be accepted'
    : 'The invite was used before or has expired; the request arrived and waits to be accepted'
}
