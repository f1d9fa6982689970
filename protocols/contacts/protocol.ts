import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** Characters of a petname or a profile name. */
export const maxNameLength = 64
/** Characters of the sentence that a knock may carry. */
export const maxKnockMessageLength = 500
/** Bytes of an invite token: unguessable, and short enough for a small QR code. */
export const tokenLength = 16
/** Characters of an invite link, with room for parameters that later minors add. */
export const maxLinkLength = 512
/** Milliseconds for which an invite is good unless the owner says otherwise: a week. */
export const defaultInviteMs = 7 * 24 * 3_600_000
/** A quarter of a year. */
export const maxInviteMs = 92 * 24 * 3_600_000

/**
 * - `requested`: the owner asked, the other has not answered
 * - `knocking`: the other asked, the owner has not answered
 * - `contact`: both agreed
 * - `blocked`: nothing of this twin gets through
 */
export const contactStates = ['requested', 'knocking', 'contact', 'blocked'] as const
export type ContactState = (typeof contactStates)[number]

const name = v.text({ max: maxNameLength })
const who = v.text({ min: 1, max: 128 })
const whoRequest = v.object({ who })

const contact = v.object({
  id: v.twinId(),
  /** Petname: unique on this twin, chosen by its owner */
  name,
  state: v.picklist(contactStates),
  /** Whether the owner compared the verification code */
  verified: v.boolean(),
  addedAt: v.timeMs(),
  /** What a knocking twin wrote */
  message: v.optional(v.text({ max: maxKnockMessageLength })),
  /** What happens next, in a sentence */
  note: v.optional(v.text({ max: 256 }))
})

export type Contact = v.Output<typeof contact>

const marieId = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const marie: Contact = { id: marieId, name: 'Marie', state: 'contact', verified: false, addedAt: 1_790_000_000_000 }
const marieLink = `twin:${marieId}?t=AAECAwQFBgcICQoLDA0ODw`

/** The people a twin knows. Owner-facing methods and the door at which others knock stand in one contract. */
export const contactsProtocol = defineProtocol({
  name: 'contacts',
  version: '1.0',
  doc: 'The people you know: invite them, accept their knocks, name them, verify them, block them',
  scopes: {
    read: {
      doc: 'Sees who the contacts are',
      consent: 'See your contacts and who is knocking',
      callers: ['owner', 'experience'],
      level: 'view'
    },
    manage: {
      doc: 'Invites, adds, accepts, renames, blocks and removes contacts',
      consent: 'Invite people and decide who is your contact',
      callers: ['owner']
    },
    verify: {
      doc: 'Compares verification codes',
      consent: 'Mark people as verified',
      callers: ['owner']
    },
    knock: {
      doc: 'Asks to become a contact, or answers such a request',
      consent: 'Ask to become your contact',
      callers: ['stranger', 'contact']
    }
  },
  // The first try of `add` takes up to ten seconds
  limits: { maxMessageSize: 16 * 1024, timeoutMs: 30_000, relayed: true },
  methods: {
    invite: unary({
      doc: 'Makes a link that turns the first person who uses it into a contact at once',
      scope: 'manage',
      request: v.object({ expiresInMs: v.optional(v.int({ min: 1000, max: maxInviteMs })) }),
      response: v.object({ link: v.text({ max: maxLinkLength }), expiresAt: v.timeMs() }),
      examples: [{ request: {}, response: { link: marieLink, expiresAt: 1_790_604_800_000 } }]
    }),
    add: unary({
      doc: 'Asks the twin behind an invite link or a twin id to become a contact, and keeps asking until it is reached',
      scope: 'manage',
      errors: ['AlreadyExists', 'FailedPrecondition'],
      request: v.object({
        /** Invite link or twin id */
        who: v.text({ min: 1, max: maxLinkLength }),
        /** Petname; by default the name that the other shows */
        name: v.optional(name),
        message: v.optional(v.text({ max: maxKnockMessageLength }))
      }),
      response: contact,
      examples: [
        { request: { who: marieLink, name: 'Marie' }, response: marie },
        {
          request: { who: marieId },
          response: {
            ...marie,
            state: 'requested',
            note: 'The twin was not reached yet; it is asked again as soon as it is'
          }
        }
      ]
    }),
    accept: unary({
      doc: 'Makes a knocking twin a contact',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: whoRequest,
      response: contact,
      examples: [{ request: { who: 'Marie' }, response: marie }]
    }),
    list: stream({
      doc: 'Lists contacts, requests and knocks by name; blocked ones only when asked for by state',
      scope: 'read',
      request: v.object({ state: v.optional(v.picklist(contactStates)) }),
      item: contact,
      examples: [{ request: {}, items: [marie] }]
    }),
    watch: stream({
      doc: 'Streams every change to the list as it happens, on this device or another',
      scope: 'read',
      request: v.object({}),
      item: v.object({ type: v.picklist(['put', 'delete']), contact }),
      examples: [{ request: {}, items: [{ type: 'put', contact: marie }] }]
    }),
    rename: unary({
      doc: 'Gives somebody another petname; names are unique on your twin',
      scope: 'manage',
      errors: ['NotFound', 'AlreadyExists', 'FailedPrecondition'],
      request: v.object({ who, name: v.text({ min: 1, max: maxNameLength }) }),
      response: contact,
      examples: [{ request: { who: 'Marie', name: 'Marie C.' }, response: { ...marie, name: 'Marie C.' } }]
    }),
    block: unary({
      doc: 'Refuses everything from this twin from now on and hides it',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: whoRequest,
      response: contact,
      examples: [{ request: { who: 'Marie' }, response: { ...marie, state: 'blocked' } }]
    }),
    unblock: unary({
      doc: 'Lets a blocked twin be what it was before',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: whoRequest,
      response: contact,
      examples: [{ request: { who: 'Marie' }, response: marie }]
    }),
    remove: unary({
      doc: 'Forgets a contact, a request or a knock; what was said and shared stays on your twin',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: whoRequest,
      response: v.object({ id: v.twinId(), removed: v.boolean() }),
      examples: [{ request: { who: 'Marie' }, response: { id: marieId, removed: true } }]
    }),
    verify: unary({
      doc: 'Returns the code that both of you compare aloud: equal codes mean that nobody stands in between',
      scope: 'verify',
      errors: ['NotFound', 'FailedPrecondition'],
      request: whoRequest,
      response: v.object({
        id: v.twinId(),
        name,
        /** Twelve groups of five digits */
        code: v.text({ max: 80 }),
        verified: v.boolean()
      }),
      examples: [
        {
          request: { who: 'Marie' },
          response: {
            id: marieId,
            name: 'Marie',
            code: '01234 56789 01234 56789 01234 56789 01234 56789 01234 56789 01234 56789',
            verified: false
          }
        }
      ]
    }),
    confirm: unary({
      doc: 'Marks somebody as verified after the codes were compared',
      scope: 'verify',
      errors: ['NotFound', 'FailedPrecondition'],
      request: whoRequest,
      response: contact,
      examples: [{ request: { who: 'Marie' }, response: { ...marie, verified: true } }]
    }),
    knock: unary({
      doc: 'Asks this twin to become a contact; a valid invite token is acceptance at once',
      scope: 'knock',
      errors: ['FailedPrecondition'],
      request: v.object({
        name,
        message: v.optional(v.text({ max: maxKnockMessageLength })),
        token: v.optional(v.bytes({ min: tokenLength, max: tokenLength }))
      }),
      response: v.object({
        state: v.picklist(['requested', 'contact']),
        /** The name this twin shows, once it agreed */
        name: v.optional(name)
      }),
      examples: [
        { request: { name: 'Ada', message: 'We met at the fair' }, response: { state: 'requested' } },
        {
          request: { name: 'Ada', token: new Uint8Array(tokenLength) },
          response: { state: 'contact', name: 'Marie' }
        }
      ]
    }),
    accepted: unary({
      doc: 'Tells this twin that the request it made was accepted',
      scope: 'knock',
      errors: ['FailedPrecondition'],
      request: v.object({ name }),
      response: v.object({ state: v.picklist(['contact']) }),
      examples: [{ request: { name: 'Marie' }, response: { state: 'contact' } }]
    })
  }
})
