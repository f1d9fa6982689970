import { defineProtocol, duplex, stream, unary, schema as v } from '../core/index.ts'
import {
  attachments,
  type ChatMessage,
  conversation,
  id,
  key,
  maxGroupMembers,
  maxGroupNameLength,
  maxHistory,
  maxReactionLength,
  member,
  message,
  sent,
  text,
  who
} from './message-schema.ts'

export {
  type ChatMessage,
  type DeliveryState,
  deliveryStates,
  maxAttachments,
  maxGroupMembers,
  maxGroupNameLength,
  maxHistory,
  maxReactionLength,
  maxTextBytes
} from './message-schema.ts'

const messageId = '01J8Z3Q5W7X9Y0A1B2C3D4E5F6'
const marieId = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const at = 1_790_000_000_000
const space = '5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456'
const hello: ChatMessage = {
  id: messageId,
  conversation: space,
  from: marieId,
  name: 'Marie',
  text: 'Hello',
  at,
  state: 'opened'
}
const photo = {
  address: '5f'.repeat(32),
  size: 20_000_000,
  key: new Uint8Array(32).fill(7),
  type: 'image/jpeg',
  name: 'garden.jpg'
}

/** Conversations of two and of many. Messages travel as entries of a shared space; nobody can alter what another said. */
export const chatProtocol = defineProtocol({
  name: 'chat',
  version: '1.1',
  doc: 'Conversations with contacts and groups; every message shows how far it got',
  scopes: {
    read: {
      doc: 'Reads conversations; an owner who reads marks messages as opened',
      consent: 'Read your conversations',
      callers: ['owner', 'experience'],
      level: 'view'
    },
    write: {
      doc: 'Sends messages, and changes what was sent from here',
      consent: 'Send messages as you',
      callers: ['owner', 'experience']
    },
    manage: {
      doc: 'Makes groups and adds people to them',
      consent: 'Make groups and add people to them',
      callers: ['owner', 'experience']
    }
  },
  // Local callers only: contacts reach a conversation through its space, never through these methods
  limits: { rate: { points: 300_000, durationMs: 60_000 }, relayed: true },
  methods: {
    send: unary({
      doc: 'Sends a text to a contact or a group; it waits here for a contact who has not accepted yet',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who, text, replyTo: v.optional(id), key: v.optional(key), attachments }),
      response: sent,
      examples: [
        { request: { who: 'Marie', text: 'Hello' }, response: { id: messageId, state: 'saved', at } },
        {
          request: { who: 'Marie', text: 'The garden', attachments: [photo] },
          response: { id: messageId, state: 'saved', at }
        }
      ]
    }),
    sendMany: duplex({
      doc: 'Sends one text after another over a single call; each is answered in order once it is stored',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who }),
      up: v.object({ text, replyTo: v.optional(id), key: v.optional(key) }),
      down: sent,
      examples: [{ request: { who: 'Marie' }, up: [{ text: 'Hello' }], down: [{ id: messageId, state: 'saved', at }] }]
    }),
    reply: unary({
      doc: 'Sends a text that answers an earlier message',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who, id, text, key: v.optional(key) }),
      response: sent,
      examples: [
        { request: { who: 'Marie', id: messageId, text: 'Hello you' }, response: { id: messageId, state: 'saved', at } }
      ]
    }),
    edit: unary({
      doc: 'Replaces the text of a message of your own',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who, id, text }),
      response: sent,
      examples: [
        { request: { who: 'Marie', id: messageId, text: 'Hello!' }, response: { id: messageId, state: 'saved', at } }
      ]
    }),
    delete: unary({
      doc: 'Takes back a message of your own; those who saw it may remember it',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who, id }),
      response: sent,
      examples: [{ request: { who: 'Marie', id: messageId }, response: { id: messageId, state: 'saved', at } }]
    }),
    react: unary({
      doc: 'Puts a reaction under a message, or takes it away',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        who,
        id,
        emoji: v.text({ min: 1, max: maxReactionLength }),
        remove: v.optional(v.boolean())
      }),
      response: sent,
      examples: [
        { request: { who: 'Marie', id: messageId, emoji: '👍' }, response: { id: messageId, state: 'saved', at } }
      ]
    }),
    history: stream({
      doc: 'Returns the newest messages of a conversation, newest last; an owner who reads them marks them as opened',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        who,
        /** Default 50 */
        limit: v.optional(v.int({ min: 1, max: maxHistory })),
        /** Only messages that stand before this one: the first id of the page above */
        before: v.optional(id),
        /** Set to leave messages unopened */
        peek: v.optional(v.boolean())
      }),
      item: message,
      examples: [{ request: { who: 'Marie' }, items: [hello, { ...hello, text: 'The garden', attachments: [photo] }] }]
    }),
    follow: stream({
      doc: 'Streams messages, changes of their state and typing as they happen, in one conversation or in all',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        who: v.optional(who),
        /** Set to leave messages unopened */
        peek: v.optional(v.boolean())
      }),
      item: v.variant('type', [
        v.object({
          /** `message`: new or changed by its author; `state`: it got further */
          type: v.picklist(['message', 'state']),
          message
        }),
        v.object({
          type: v.literal('typing'),
          conversation: v.text({ max: 64 }),
          from: v.twinId(),
          name: v.text({ max: 64 }),
          typing: v.boolean()
        })
      ]),
      examples: [
        {
          request: { who: 'Marie' },
          items: [
            { type: 'typing', conversation: space, from: marieId, name: 'Marie', typing: true },
            { type: 'message', message: hello }
          ]
        }
      ]
    }),
    typing: unary({
      doc: 'Shows the others that you are writing, for some seconds',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who, typing: v.optional(v.boolean()) }),
      response: v.object({}),
      examples: [{ request: { who: 'Marie' }, response: {} }]
    }),
    read: unary({
      doc: 'Marks everything in a conversation as opened, up to a message or to the newest',
      scope: 'read',
      level: 'normal',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who, id: v.optional(id) }),
      response: v.object({ unread: v.int() }),
      examples: [{ request: { who: 'Marie' }, response: { unread: 0 } }]
    }),
    conversations: stream({
      doc: 'Lists conversations, the one with the newest message first',
      scope: 'read',
      request: v.object({}),
      item: conversation,
      examples: [{ request: {}, items: [{ id: space, kind: 'direct', name: 'Marie', unread: 1, at, text: 'Hello' }] }]
    }),
    createGroup: unary({
      doc: 'Makes a group of contacts',
      scope: 'manage',
      errors: ['NotFound', 'AlreadyExists', 'FailedPrecondition'],
      request: v.object({
        name: v.text({ min: 1, max: maxGroupNameLength }),
        members: v.list(who, { max: maxGroupMembers })
      }),
      response: v.object({ id: v.text({ max: 64 }), name: v.text({ max: 128 }), members: v.list(member, { max: 65 }) }),
      examples: [
        {
          request: { name: 'Trip', members: ['Marie'] },
          response: { id: space, name: 'Trip', members: [{ id: marieId, name: 'Marie', role: 'writer' }] }
        }
      ]
    }),
    addMember: unary({
      doc: 'Adds a contact to a group; only the twin that made the group decides',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ group: who, who }),
      response: member,
      examples: [{ request: { group: 'Trip', who: 'Marie' }, response: { id: marieId, name: 'Marie', role: 'writer' } }]
    }),
    members: stream({
      doc: 'Lists the members of a conversation',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ who }),
      item: member,
      examples: [{ request: { who: 'Trip' }, items: [{ id: marieId, name: 'Marie', role: 'writer' }] }]
    })
  }
})
