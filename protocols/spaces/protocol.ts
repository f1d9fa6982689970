import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** UTF-8 bytes of a space's name. */
export const maxSpaceNameBytes = 128

/** What a member may do; a `replica` keeps and passes on ciphertext, and reads none of it. The twin that made a space is its `owner`. */
export const memberRoles = ['owner', 'writer', 'reader', 'replica'] as const
/** Roles that are given. */
export const givenRoles = ['writer', 'reader', 'replica'] as const
/** `removed`: this twin was a member and is none any more. */
export const spaceStates = ['open', 'offered', 'frozen', 'removed'] as const

/** Name as `list` shows it, petname of a conversation, or the beginning of an id. */
const space = v.text({ min: 1, max: 200 })
const who = v.text({ min: 1, max: 128 })
const name = v.text({ max: 200 })

const item = v.object({
  /** 32 bytes, hexadecimal */
  id: v.text({ max: 64 }),
  kind: v.picklist(['self', 'direct', 'group', 'shared']),
  /** What `space` takes: a petname for a conversation, `WHO/NAME` for a namespace of a contact */
  name,
  state: v.picklist(spaceStates),
  /** Of this twin; absent when it is no member */
  role: v.optional(v.picklist(memberRoles)),
  /** Whether this device decides who is a member */
  keeper: v.boolean(),
  members: v.int(),
  /** Entries that arrived and are not shown: they break a rule, could not be read yet, or wait for what they build on */
  held: v.int(),
  /** Entries that a removal or a revocation left out */
  cut: v.int(),
  /** Documents of kinds that this version does not know */
  unread: v.int()
})
export type SpaceItem = v.Output<typeof item>

const member = v.object({
  number: v.int(),
  id: v.twinId(),
  /** Petname, or the end of the id; empty for this twin */
  name: v.text({ max: 64 }),
  role: v.picklist(memberRoles),
  /** Whether a device of theirs that is always on holds the newest entry of this one; absent when there is none, and for this twin */
  delivered: v.optional(v.boolean())
})
export type MemberItem = v.Output<typeof member>

const marieId = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const marie: MemberItem = { number: 2, id: marieId, name: 'Marie', role: 'writer', delivered: true }
const house: SpaceItem = {
  id: '5f'.repeat(32),
  kind: 'shared',
  name: 'house',
  state: 'open',
  role: 'owner',
  keeper: true,
  members: 2,
  held: 0,
  cut: 0,
  unread: 0
}

/** What a twin shares with whom, below the capabilities that use it. */
export const spacesProtocol = defineProtocol({
  name: 'spaces',
  version: '1.0',
  doc: 'Everything you share: with whom, in which role, and what of it is not shown; let people in and out',
  scopes: {
    read: {
      doc: 'Sees which spaces there are and who is in them',
      consent: 'See what you share and with whom',
      callers: ['owner'],
      level: 'view'
    },
    manage: {
      doc: 'Changes who is in a space',
      consent: 'Let people into what you share, and shut them out',
      callers: ['owner']
    }
  },
  limits: { maxMessageSize: 64 * 1024, timeoutMs: 30_000, relayed: true },
  methods: {
    list: stream({
      doc: 'Lists the spaces of this twin, offered ones too',
      scope: 'read',
      request: v.object({}),
      item,
      examples: [{ request: {}, items: [house] }]
    }),
    members: stream({
      doc: 'Lists the members of a space by number',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ space }),
      item: member,
      examples: [{ request: { space: 'house' }, items: [{ number: 1, id: marieId, name: '', role: 'owner' }, marie] }]
    }),
    add: unary({
      doc: 'Makes a contact a member; a reader reads, a replica keeps ciphertext that it cannot read',
      scope: 'manage',
      errors: ['NotFound', 'AlreadyExists', 'FailedPrecondition'],
      request: v.object({
        space,
        who,
        /** Default: writer */
        role: v.optional(v.picklist(givenRoles))
      }),
      response: member,
      examples: [
        { request: { space: 'house', who: 'Marie' }, response: marie },
        { request: { space: 'house', who: 'Marie', role: 'reader' }, response: { ...marie, role: 'reader' } }
      ]
    }),
    remove: unary({
      doc: 'Shuts a member out: what it wrote counts as far as this twin has it, what is written from now on it cannot read',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ space, who }),
      response: v.object({ id: v.twinId(), name: v.text({ max: 64 }), removed: v.boolean() }),
      examples: [{ request: { space: 'house', who: 'Marie' }, response: { id: marieId, name: 'Marie', removed: true } }]
    }),
    setRole: unary({
      doc: 'Gives a member another role; who may not write any more is cut as by a removal',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ space, who, role: v.picklist(givenRoles) }),
      response: member,
      examples: [{ request: { space: 'house', who: 'Marie', role: 'reader' }, response: { ...marie, role: 'reader' } }]
    }),
    rename: unary({
      doc: 'Gives a group another name, for all of its members',
      scope: 'manage',
      errors: ['NotFound', 'AlreadyExists', 'FailedPrecondition'],
      request: v.object({ space, name: v.text({ min: 1, max: maxSpaceNameBytes }) }),
      response: item,
      examples: [
        {
          request: { space: 'Trip', name: 'Trip to Rome' },
          response: { ...house, kind: 'group', name: 'Trip to Rome' }
        }
      ]
    }),
    accept: unary({
      doc: 'Opens a space that a contact offers',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ space }),
      response: item,
      examples: [
        {
          request: { space: 'Marie/house' },
          response: { ...house, name: 'Marie/house', role: 'writer', keeper: false }
        }
      ]
    })
  }
})
