import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** A link for another device is good for this long, the one for the first device for the other. */
export const pairingLifetimeMs = 4 * 60_000
export const claimLifetimeMs = 10 * 60_000
/** A new device changes no devices for this long, and for as long it can be taken back. */
export const probationMs = 72 * 3_600_000
/** Links that are open at once */
export const maxOffers = 4
/** Longest time that an answer to `result` is waited for */
export const resultWaitMs = 15_000

export const levels = ['view', 'normal'] as const
export const roles = ['browser', 'cli'] as const
/** How the new device is connected with the one that let it in */
export const places = ['machine', 'network', 'elsewhere'] as const
/** What became of a link: nobody came; somebody holds it; it waits for the digits; done; or over, and why */
export const offerStates = ['open', 'begun', 'waiting', 'done', 'refused', 'burnt', 'expired'] as const
const resultStates = ['waiting', 'done', 'refused', 'burnt', 'expired'] as const

const key = v.bytes({ min: 32, max: 32 })
const offerId = v.bytes({ min: 16, max: 16 })
const number = v.int({ min: 1, max: 65_535 })
const name = v.text({ max: 64 })
const address = v.text({ max: 512 })
const record = v.bytes({ max: 64 * 1024 })
const claim = v.bytes({ max: 1024 })
/** What the new device says of itself: public keys, and the claims that it signed with them (crdt/FORMATS.md §3) */
const newcomer = v.object({
  transport: key,
  signing: key,
  encryption: key,
  bySigning: claim,
  byTransport: claim,
  role: v.picklist(roles),
  name: v.text({ min: 1, max: 64 }),
  /** Such as `Firefox on Linux` */
  platform: name
})
const level = v.picklist(levels)
const made = {
  offer: offerId,
  /** What the new device opens: the address of the console, and everything else behind its `#` */
  link: v.text({ max: 8192 }),
  expiresAt: v.timeMs()
}
const offerView = v.object({
  offer: offerId,
  state: v.picklist(offerStates),
  level,
  expiresAt: v.timeMs(),
  /** What the new device says of itself, once it did */
  newcomer: v.optional(v.object({ name, platform: name, role: v.picklist(roles), place: v.picklist(places) })),
  /** Of a claim, to compare with what the new device shows */
  words: v.optional(v.text({ max: 64 })),
  /** In the device list, once it is done */
  number: v.optional(number),
  /** Somebody else tried the same link */
  contested: v.optional(v.boolean())
})
const admitted = {
  number,
  certificate: v.bytes({ max: 8 * 1024 }),
  /** The device list, oldest record first */
  records: v.list(record, { max: 1024 }),
  /** Recovery encryption key of the twin */
  recovery: v.optional(key)
}
const notice = v.object({
  number,
  name,
  role: v.picklist(roles),
  /** What it said of itself, and where it was then */
  platform: v.optional(name),
  place: v.optional(v.picklist(places)),
  level,
  /** When it was let in, and by which device */
  at: v.timeMs(),
  by: number,
  /** Until when it can be taken back */
  until: v.timeMs(),
  /** Absent when it never was, or is not any more, on probation */
  probationUntil: v.optional(v.timeMs()),
  /** How often the owner was told before */
  reminder: v.int({ max: 2 })
})

const notMeAnswer = v.object({
  revoked: v.list(number, { max: 1024 }),
  /** Those of which nothing counts any more; of the others what they wrote stays. Absent from older releases: of all it stays */
  takenBack: v.optional(v.list(number, { max: 1024 })),
  /** The device that keeps the list, when it is not reached: what they wrote is taken back once it hears of it */
  waitsFor: v.optional(name)
})

export type Level = v.Output<typeof level>
export type Newcomer = v.Output<typeof newcomer>
export type OfferView = v.Output<typeof offerView>
export type Notice = v.Output<typeof notice>
export type NotMeAnswer = v.Output<typeof notMeAnswer>
export type Place = (typeof places)[number]

const at = 1_790_000_000_000
const id = new Uint8Array(16).fill(3)
const bytes32 = (byte: number) => new Uint8Array(32).fill(byte)
const firefox = {
  transport: bytes32(4),
  signing: bytes32(5),
  encryption: bytes32(6),
  bySigning: new Uint8Array([0x84, 0x01]),
  byTransport: new Uint8Array([0x84, 0x02]),
  role: 'browser',
  name: 'laptop',
  platform: 'Firefox on Linux'
} as const
const exampleLink = { offer: id, link: 'http://127.0.0.1:4180/#pair/hQFQ', expiresAt: at + pairingLifetimeMs }
const exampleView = { offer: id, state: 'open', level: 'normal', expiresAt: at + pairingLifetimeMs } as const
const seen = { name: 'laptop', platform: 'Firefox on Linux', role: 'browser', place: 'network' } as const
const exampleAdmitted = {
  number: 2,
  certificate: new Uint8Array([0x84, 0x01]),
  records: [new Uint8Array([0x85, 0x01])]
}
const exampleNotice = {
  number: 2,
  ...seen,
  level: 'normal',
  at,
  by: 1,
  until: at + probationMs,
  probationUntil: at + probationMs,
  reminder: 0
} as const

/** How a device becomes one of the twin's, and how one that should not have is taken back. What is signed: `transcript.ts`. */
export const pairingProtocol = defineProtocol({
  name: 'pairing',
  version: '1.1',
  doc: 'Lets a new device in by a link and six digits, and takes back one that was not yours',
  scopes: {
    join: {
      doc: 'Asks to become a device of this twin, with the secret of a link that its owner has made',
      consent: 'Become a device of yours, with a link that you have made',
      // Whoever was let in may ask again what became of it
      callers: ['stranger', 'owner'],
      level: 'view'
    },
    notice: {
      doc: 'Hears of new devices',
      consent: 'See which devices are new',
      callers: ['owner'],
      level: 'view'
    },
    manage: {
      doc: 'Lets devices in and takes new ones back',
      consent: 'Let devices in as yours',
      callers: ['owner'],
      level: 'trusted'
    },
    keep: {
      doc: 'Puts devices on the list, at the device that keeps it',
      consent: 'Put devices on your list',
      callers: ['owner'],
      level: 'admin'
    }
  },
  // A device pairs with a handful of calls; a guess at a secret costs one. A long list fits in an answer
  limits: { maxMessageSize: 512 * 1024, rate: { points: 40, durationMs: 60_000 }, timeoutMs: 30_000, relayed: true },
  methods: {
    offer: unary({
      doc: 'Makes a link that lets one device in, for a few minutes and one try',
      scope: 'manage',
      errors: ['FailedPrecondition'],
      request: v.object({ level: v.optional(level), name: v.optional(name) }),
      response: v.object(made),
      examples: [{ request: { level: 'normal' }, response: exampleLink }]
    }),
    offers: stream({
      doc: 'Lists the links that are open',
      scope: 'manage',
      request: v.object({}),
      item: offerView,
      examples: [{ request: {}, items: [exampleView] }]
    }),
    watch: stream({
      doc: 'Follows a link until it is over: who came, from where, and what they will be allowed',
      scope: 'manage',
      errors: ['NotFound'],
      request: v.object({ offer: offerId }),
      item: offerView,
      examples: [
        {
          request: { offer: id },
          items: [exampleView, { ...exampleView, state: 'waiting', newcomer: seen }]
        }
      ]
    }),
    approve: unary({
      doc: 'Takes the six digits that the new device shows; wrong ones burn the link',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ offer: offerId, digits: v.text({ min: 6, max: 16 }) }),
      response: v.object({ number, name, level, probationUntil: v.optional(v.timeMs()) }),
      examples: [
        {
          request: { offer: id, digits: '493027' },
          response: { number: 2, name: 'laptop', level: 'normal', probationUntil: at + probationMs }
        }
      ]
    }),
    refuse: unary({
      doc: 'Ends a link; whoever waits is told',
      scope: 'manage',
      errors: ['NotFound'],
      request: v.object({ offer: offerId }),
      response: v.object({ state: v.picklist(offerStates) }),
      examples: [{ request: { offer: id }, response: { state: 'refused' } }]
    }),
    notices: stream({
      doc: 'Tells of devices that are new, at once, after an hour and after a day; with follow it goes on',
      scope: 'notice',
      request: v.object({ follow: v.optional(v.boolean()) }),
      item: notice,
      examples: [{ request: { follow: true }, items: [exampleNotice] }]
    }),
    trust: unary({
      doc: 'Ends the probation of a device; not for the one that let it in, and not for itself',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        number,
        /** Which device asks, when another one passes it on */
        by: v.optional(number)
      }),
      response: v.object({ number, name }),
      examples: [{ request: { number: 2 }, response: { number: 2, name: 'laptop' } }]
    }),
    notMe: unary({
      doc: 'Takes a new device back: it is refused at once, and so are those that it let in; what they wrote does not count any more',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ number }),
      response: notMeAnswer,
      examples: [
        { request: { number: 2 }, response: { revoked: [2] } },
        { request: { number: 2 }, response: { revoked: [2], takenBack: [2] } },
        { request: { number: 2 }, response: { revoked: [2], takenBack: [], waitsFor: 'home' } }
      ]
    }),
    claim: unary({
      doc: 'Makes the link for the first device, which its secret alone lets in; none after the first was there',
      scope: 'keep',
      errors: ['FailedPrecondition'],
      request: v.object({}),
      response: v.object(made),
      examples: [{ request: {}, response: { ...exampleLink, link: 'http://127.0.0.1:4180/#claim/hQFQ' } }]
    }),
    admit: unary({
      doc: 'Puts a device on the list for another device of the twin, which has seen its digits',
      scope: 'keep',
      errors: ['FailedPrecondition', 'InvalidArgument'],
      request: v.object({
        newcomer,
        level,
        place: v.picklist(places),
        by: number,
        probation: v.boolean()
      }),
      response: v.object(admitted),
      examples: [
        {
          request: { newcomer: firefox, level: 'normal', place: 'network', by: 3, probation: true },
          response: exampleAdmitted
        }
      ]
    }),
    begin: unary({
      doc: 'Commits a new device to its keys and a number of its own, and answers with one of the twin; once a link',
      scope: 'join',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ offer: offerId, commitment: key }),
      response: v.object({ nonce: key, level, expiresAt: v.timeMs() }),
      examples: [
        {
          request: { offer: id, commitment: bytes32(7) },
          response: { nonce: bytes32(8), level: 'normal', expiresAt: at + pairingLifetimeMs }
        }
      ]
    }),
    reveal: unary({
      doc: 'Reveals what was committed to; what does not fit burns the link',
      scope: 'join',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ offer: offerId, nonce: key, newcomer }),
      response: v.object({}),
      examples: [{ request: { offer: id, nonce: bytes32(9), newcomer: firefox }, response: {} }]
    }),
    result: unary({
      doc: 'Waits a little for what the owner says. A device that was let in is told again for as long as it is on the list',
      scope: 'join',
      errors: ['NotFound'],
      request: v.object({ offer: offerId }),
      response: v.object({
        state: v.picklist(resultStates),
        admitted: v.optional(v.object(admitted)),
        /** Where the twin is reached */
        addresses: v.optional(v.list(address, { max: 32 }))
      }),
      examples: [
        { request: { offer: id }, response: { state: 'waiting' } },
        { request: { offer: id }, response: { state: 'done', admitted: exampleAdmitted, addresses: [] } }
      ]
    })
  }
})

/** Whether a link opens a console that only browsers of this machine reach. */
export function opensHereOnly(link: string): boolean {
  const { hostname } = new URL(link)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

/**
 * Whether a link opens a console that comes over plain http from another machine. Browsers give such a page no secure context, and whoever
 * is on the network between reads and changes it: who comes by it looks only, for an hour.
 */
export function isOverPlainHttp(link: string): boolean {
  return URL.canParse(link) && new URL(link).protocol === 'http:' && !opensHereOnly(link)
}
