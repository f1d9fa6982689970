import { schema as v } from '../core/index.ts'

/** UTF-8 bytes of one message. */
export const maxTextBytes = 16 * 1024
/** Characters of a group's name. */
export const maxGroupNameLength = 64
/** Members of a group besides its maker. */
export const maxGroupMembers = 64
/** UTF-16 units of a reaction: one emoji, however many joiners it takes. */
export const maxReactionLength = 32
/** Files that go with one message. */
export const maxAttachments = 16
/** Messages that one `history` call returns at most. */
export const maxHistory = 10_000

/**
 * How far a message got, as told by signed statements of the devices that hold it. `my-twin`: another device of the sender;
 * `their-twin`: a node device of the receiver; `opened`: its owner saw it. In a group the least of all members counts.
 */
export const deliveryStates = ['saved', 'my-twin', 'mailbox', 'their-twin', 'opened'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export const who = v.text({ min: 1, max: 128 })
export const text = v.text({ min: 1, max: maxTextBytes })
/** Blobs that are stored here (`blobs.put`) and go with the message. */
export const attachments = v.optional(v.list(v.blobReference(), { min: 1, max: maxAttachments }))
/** ULID: sorts by the time at which the sender wrote. */
export const id = v.pipe(v.string(), v.maxLength(26), v.regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/))
/** Chosen by the caller: the same key sends once, however often the call is repeated. */
export const key = v.text({ min: 1, max: 64 })
const state = v.picklist(deliveryStates)
export const sent = v.object({ id, state, at: v.timeMs() })

export const message = v.object({
  id,
  /** Conversation: a space id, or a twin id until the space exists */
  conversation: v.text({ max: 64 }),
  from: v.twinId(),
  /** Petname of the sender; empty for the owner */
  name: v.text({ max: 64 }),
  /** Empty when deleted */
  text: v.text({ max: maxTextBytes }),
  /** What the sender's clock said */
  at: v.timeMs(),
  /** Of a message from somebody else: `opened` once the owner of this twin read it, `their-twin` before */
  state,
  /** Only in groups: how far it got with each other member */
  members: v.optional(v.list(v.object({ id: v.twinId(), state }), { max: maxGroupMembers })),
  replyTo: v.optional(id),
  editedAt: v.optional(v.timeMs()),
  deleted: v.optional(v.boolean()),
  reactions: v.optional(
    v.list(
      v.object({ emoji: v.text({ max: maxReactionLength }), from: v.list(v.twinId(), { max: maxGroupMembers + 1 }) }),
      {
        max: 128
      }
    )
  ),
  attachments
})

export type ChatMessage = v.Output<typeof message>

export const member = v.object({
  id: v.twinId(),
  name: v.text({ max: 64 }),
  role: v.picklist(['owner', 'writer', 'reader', 'replica'])
})

export const conversation = v.object({
  /** Space id, or a twin id until the space exists */
  id: v.text({ max: 64 }),
  kind: v.picklist(['direct', 'group']),
  /** Petname of the other, or name of the group: what `who` takes */
  name: v.text({ max: 128 }),
  unread: v.int(),
  /** Time of the newest message */
  at: v.optional(v.timeMs()),
  text: v.optional(v.text({ max: maxTextBytes }))
})
