import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** Sizes that a parcel may have: what is inside is padded to one of them (crdt/FORMATS.md §19). The last holds the longest run. */
export const parcelSizes: readonly number[] = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_081_344]
export const maxParcelBytes = 1_081_344
/** Bytes of a stranger's first message, sealed and padded. */
export const maxKnockBytes = 4096
/** Records of a device list that a mailbox shows to strangers, and their bytes. */
export const maxShownRecords = 64
export const maxShownBytes = 512 * 1024
/** Contacts that one box takes deposits from. */
export const maxTokens = 1024
/** Parcels that one acknowledgement names. */
export const maxAcked = 1024
/** Mailboxes that one device has its box in: as many as the head of a node names. */
export const maxMailboxes = 8

/** Transport key of a device or a mailbox: the key inside its peer id. */
const key = v.bytes({ min: 32, max: 32 })
const token = v.bytes({ min: 16, max: 16 })
const parcel = v.bytes({ min: 256, max: maxParcelBytes })
const envelope = v.bytes({ max: 8192 })
const records = v.list(v.bytes({ max: 64 * 1024 }), { max: maxShownRecords })
const who = v.text({ min: 1, max: 128 })

const used = v.object({
  kind: v.literal('used'),
  /** Peer id of the mailbox */
  id: v.text({ max: 64 }),
  /** Petname when it is the twin of a contact, else empty */
  name: v.text({ max: 64 }),
  state: v.picklist(['open', 'waiting', 'refused']),
  /** Why it is not open */
  note: v.optional(v.text({ max: 256 })),
  /** When it was last emptied */
  collectedAt: v.optional(v.timeMs())
})
const offered = v.object({
  kind: v.literal('offered'),
  id: v.twinId(),
  name: v.text({ max: 64 }),
  /** What is kept for them now */
  parcels: v.int(),
  bytes: v.int()
})

const told = v.object({
  kind: v.literal('told'),
  id: v.twinId(),
  name: v.text({ max: 64 }),
  /** Mailboxes in which something can be left for them */
  mailboxes: v.int()
})

const sample = new Uint8Array(32).fill(7)
const sealed = new Uint8Array(256).fill(1)
const marieId = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const shown = { kind: 'used', id: marieId, name: '', state: 'open' } as const

/** Boxes in which sealed parcels wait for twins that are off. Whoever keeps them sees sizes, times and peers, nothing else. */
export const mailboxProtocol = defineProtocol({
  name: 'mailbox',
  version: '1.0',
  doc: 'Keeps sealed parcels for twins that are off: what is inside, from whom and how large stays unseen',
  scopes: {
    deposit: {
      doc: 'Leaves a parcel in the box of a twin that gave a token for it, or knocks',
      consent: 'Leave sealed parcels for others on this twin',
      callers: ['owner', 'contact', 'stranger']
    },
    box: {
      doc: 'Keeps a box here, if there is one for this caller, and empties it',
      consent: 'Keep a box on this twin',
      callers: ['owner', 'contact', 'stranger']
    },
    tell: {
      doc: 'Tells this twin where parcels for the caller can be left',
      consent: 'Tell your twin where it can leave parcels',
      callers: ['contact']
    },
    manage: {
      doc: 'Chooses mailboxes, and for whom this twin is one',
      consent: 'Choose your mailboxes, and for whom your twin is one',
      callers: ['owner']
    }
  },
  limits: {
    // The largest parcel and what is around it
    maxMessageSize: maxParcelBytes + 4096,
    maxInboundStreams: 8,
    window: 2 * 1024 * 1024,
    timeoutMs: 30_000,
    // A box is emptied or filled in one go; its quota ends it long before
    rate: { points: 1200, durationMs: 60_000 },
    relayed: true
  },
  methods: {
    deposit: unary({
      doc: 'Leaves a parcel; the answer is a signed receipt, given when the parcel is on synced storage',
      scope: 'deposit',
      request: v.object({
        box: key,
        /** Without one it is a knock, of at most 4 KiB, from the small pool that all strangers share */
        token: v.optional(token),
        parcel
      }),
      response: v.object({ receipt: envelope }),
      examples: [
        { request: { box: sample, token: sealed.slice(0, 16), parcel: sealed }, response: { receipt: sample } },
        { request: { box: sample, parcel: sealed }, response: { receipt: sample } }
      ]
    }),
    open: unary({
      doc: 'Opens the box of the calling device, or changes it: the tokens named here are those that count from now on',
      scope: 'box',
      request: v.object({
        /** Hashes of the tokens of those who may deposit */
        tokens: v.list(key, { max: maxTokens }),
        /** Device list and signed head, shown to strangers who want to knock; without them nobody can */
        records: v.optional(records),
        head: v.optional(envelope)
      }),
      response: v.object({ quota: v.int(), lifetimeMs: v.int() }),
      examples: [
        {
          request: { tokens: [sample], records: [sample], head: sample },
          response: { quota: 16_777_216, lifetimeMs: 2_592_000_000 }
        }
      ]
    }),
    describe: unary({
      doc: 'Shows what the owner of a box shows to strangers: which device it is of, and the key to seal a knock to',
      scope: 'deposit',
      request: v.object({ box: key }),
      response: v.object({ records, head: envelope }),
      errors: ['NotFound'],
      examples: [{ request: { box: sample }, response: { records: [sample], head: sample } }]
    }),
    collect: stream({
      doc: 'Returns the parcels in the box of the calling device, oldest first; they stay until they are acknowledged',
      scope: 'box',
      request: v.object({
        /** Only what came after the parcel in this place */
        after: v.optional(v.int())
      }),
      item: v.object({ place: v.int(), parcel }),
      errors: ['NotFound'],
      examples: [{ request: { after: 3 }, items: [{ place: 4, parcel: sealed }] }]
    }),
    ack: unary({
      doc: 'Deletes parcels from the box, by a signed statement of its owner that names them',
      scope: 'box',
      request: v.object({ ack: v.bytes({ max: 64 * 1024 }) }),
      response: v.object({ deleted: v.int() }),
      errors: ['NotFound'],
      examples: [{ request: { ack: sample }, response: { deleted: 1 } }]
    }),
    discard: unary({
      doc: 'Gives up the box of the calling device and all that is in it',
      scope: 'box',
      request: v.object({}),
      response: v.object({ discarded: v.boolean() }),
      examples: [{ request: {}, response: { discarded: true } }]
    }),
    tell: unary({
      doc: 'Tells a contact where parcels for the calling device can be left, with a token for each mailbox',
      scope: 'tell',
      request: v.object({
        /** Signed by an admin device: the inbox key and the mailboxes */
        head: envelope,
        tokens: v.list(v.object({ mailbox: key, token }), { max: maxMailboxes })
      }),
      response: v.object({ known: v.int() }),
      examples: [
        {
          request: { head: sample, tokens: [{ mailbox: sample, token: sealed.slice(0, 16) }] },
          response: { known: 1 }
        }
      ]
    }),
    use: unary({
      doc: 'Chooses a mailbox: the address of a bootstrap node that is one, or a contact whose twin offers to be one',
      scope: 'manage',
      request: v.object({
        /** Multiaddr with /p2p/ and a peer id, or a name */
        mailbox: v.text({ min: 1, max: 512 })
      }),
      response: used,
      errors: ['NotFound', 'FailedPrecondition'],
      examples: [{ request: { mailbox: `/ip4/192.0.2.1/tcp/4001/p2p/${marieId}` }, response: shown }]
    }),
    drop: unary({
      doc: 'Stops using a mailbox; it is emptied first if it can be reached',
      scope: 'manage',
      request: v.object({
        /** Peer id or name, as the list shows it */
        mailbox: v.text({ min: 1, max: 512 })
      }),
      response: v.object({ id: v.text({ max: 64 }), dropped: v.boolean() }),
      errors: ['NotFound'],
      examples: [{ request: { mailbox: 'Marie' }, response: { id: marieId, dropped: true } }]
    }),
    offer: unary({
      doc: 'Lets a contact keep a box on this twin',
      scope: 'manage',
      request: v.object({ who }),
      response: offered,
      errors: ['NotFound', 'FailedPrecondition'],
      examples: [
        {
          request: { who: 'Marie' },
          response: { kind: 'offered', id: marieId, name: 'Marie', parcels: 0, bytes: 0 }
        }
      ]
    }),
    withdraw: unary({
      doc: 'Ends an offer and deletes what waits in their box',
      scope: 'manage',
      request: v.object({ who }),
      response: v.object({ id: v.twinId(), withdrawn: v.boolean() }),
      errors: ['NotFound', 'FailedPrecondition'],
      examples: [{ request: { who: 'Marie' }, response: { id: marieId, withdrawn: true } }]
    }),
    list: stream({
      doc: 'Returns the mailboxes that are used, the contacts for whom this twin is one, and those who told of theirs',
      scope: 'manage',
      request: v.object({}),
      item: v.variant('kind', [used, offered, told]),
      examples: [
        {
          request: {},
          items: [
            shown,
            { kind: 'offered', id: marieId, name: 'Marie', parcels: 2, bytes: 1280 },
            { kind: 'told', id: marieId, name: 'Marie', mailboxes: 2 }
          ]
        }
      ]
    })
  }
})

export type MailboxRow = v.Output<typeof used>
export type OfferRow = v.Output<typeof offered>
export type ToldRow = v.Output<typeof told>
