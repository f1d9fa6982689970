import { visitLifetimeMs } from '../../crdt/identity/index.ts'
import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'

/** Numbers of devices are given once. */
export const maxDeviceNumber = 65_535
/** UTF-8 bytes of a device's name, as its certificate holds it. */
export const maxDeviceNameBytes = 64

/**
 * - `this`: the one that answers
 * - `connected`, `away`: whether it is connected with the one that answers
 * - `expired`: its certificate has run out, nobody lets it in until it is renewed
 * - `revoked`: shut out for ever
 */
export const deviceStates = ['this', 'connected', 'away', 'expired', 'revoked'] as const

const number = v.int({ min: 1, max: maxDeviceNumber })
const name = v.text({ max: maxDeviceNameBytes })
const sentence = v.text({ max: 300 })

const device = v.object({
  number,
  name,
  role: v.picklist(['node', 'browser', 'cli']),
  state: v.picklist(deviceStates),
  /** Whether it is the one that answers */
  here: v.boolean(),
  /** Whether it keeps the device list: it alone adds, renews and records */
  keeper: v.boolean(),
  peer: v.text({ max: 128 }),
  scopes: v.list(v.text({ max: 64 }), { max: 64 }),
  issuedAt: v.timeMs(),
  expiresAt: v.timeMs(),
  /** When the keeper recorded the revocation; absent before */
  revokedAt: v.optional(v.timeMs()),
  /** Entries of a revoked device that count */
  kept: v.optional(v.int()),
  /** Entries that arrived here and are left out because of its revocation, its own */
  cut: v.optional(v.int()),
  /** Since 1.1, of a device that was paired: what it may do, when it was let in and by which device */
  level: v.optional(v.picklist(['view', 'normal'])),
  pairedAt: v.optional(v.timeMs()),
  pairedBy: v.optional(number),
  /** Until then it changes no devices; absent when that is over */
  probationUntil: v.optional(v.timeMs()),
  /** Since 1.1: when it was last connected with the one that answers, as far back as that runs */
  lastSeenAt: v.optional(v.timeMs()),
  /** Since 1.1: how it is connected with the one that answers */
  place: v.optional(v.picklist(['machine', 'network', 'elsewhere']))
})
export type DeviceItem = v.Output<typeof device>

/** When a device that came over plain http is over, if it is one: it looks only, and for no longer than an hour. */
export function visitEnd({ level, issuedAt, expiresAt }: DeviceItem): number | undefined {
  return level === 'view' && expiresAt - issuedAt <= visitLifetimeMs ? expiresAt : undefined
}

/**
 * - `recorded`: on the device list, with what of the device counts
 * - `on-sight`: said by this device; everybody who hears of it refuses the device at once, and the keeper records it
 */
export const revocations = ['recorded', 'on-sight'] as const

const at = 1_790_000_000_000
const phone: DeviceItem = {
  number: 2,
  name: 'phone',
  role: 'node',
  state: 'connected',
  here: false,
  keeper: false,
  peer: '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust',
  scopes: ['device.admin'],
  issuedAt: at,
  expiresAt: at + 63_072_000_000
}
const laptop: DeviceItem = {
  number: 3,
  name: 'laptop',
  role: 'browser',
  state: 'connected',
  here: false,
  keeper: false,
  peer: '12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust',
  scopes: ['level.normal', `paired.${at}.1`, `probation.${at + 259_200_000}`],
  issuedAt: at,
  expiresAt: at + 15_552_000_000,
  level: 'normal',
  pairedAt: at,
  pairedBy: 1,
  probationUntil: at + 259_200_000,
  lastSeenAt: at + 1000,
  place: 'network'
}
const record = new Uint8Array([0x85, 0x01])

/** The devices that speak for a twin. Only its owner sees or changes them. */
export const devicesProtocol = defineProtocol({
  name: 'devices',
  version: '1.1',
  doc: 'Your devices: see them, name them, shut out one that was lost or stolen',
  scopes: {
    read: { doc: 'Sees the devices', consent: 'See which devices you have', callers: ['owner'], level: 'view' },
    manage: {
      doc: 'Names and revokes devices',
      consent: 'Shut out devices of yours for ever',
      callers: ['owner'],
      level: 'trusted'
    }
  },
  // Local callers only; a list of many years fits in some of these
  limits: { maxMessageSize: 128 * 1024, timeoutMs: 30_000, relayed: true },
  methods: {
    list: stream({
      doc: 'Lists the devices by number, revoked ones too',
      scope: 'read',
      request: v.object({}),
      item: device,
      examples: [{ request: {}, items: [phone, laptop] }]
    }),
    revoke: unary({
      doc: 'Shuts a device out for ever; what it wrote counts as far as this twin has it, and nothing after that',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ number }),
      response: v.object({
        number,
        name,
        revocation: v.picklist(revocations),
        /** Entries of it that count; absent until it is recorded */
        kept: v.optional(v.int()),
        /** What is left to do, in a sentence; absent when nothing is */
        note: v.optional(sentence)
      }),
      examples: [
        { request: { number: 2 }, response: { number: 2, name: 'phone', revocation: 'recorded', kept: 12 } },
        {
          request: { number: 1 },
          response: {
            number: 1,
            name: 'home box',
            revocation: 'on-sight',
            note: 'It keeps the device list: take that over with your 24 words'
          }
        }
      ]
    }),
    rename: unary({
      doc: 'Gives a device another name; only the device that keeps the list does that',
      scope: 'manage',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ number, name: v.text({ min: 1, max: maxDeviceNameBytes }) }),
      response: device,
      examples: [{ request: { number: 2, name: 'phone' }, response: phone }]
    }),
    records: stream({
      doc: 'Returns the signed records of the device list, oldest first: what a take-over continues from',
      scope: 'read',
      request: v.object({}),
      item: v.object({ record: v.bytes({ max: 64 * 1024 }) }),
      examples: [{ request: {}, items: [{ record }] }]
    }),
    takeOver: unary({
      doc: 'Takes a record signed with the owner key that makes this device keep the list; the key itself is never sent',
      scope: 'manage',
      errors: ['FailedPrecondition'],
      request: v.object({ record: v.bytes({ max: 64 * 1024 }) }),
      response: v.object({ keeper: number }),
      examples: [{ request: { record }, response: { keeper: 2 } }]
    })
  }
})
