import { defineProtocol, unary, schema as v } from '../core/index.ts'

/** Bytes of records that `present` carries; longer lists are fetched with `devices`. */
export const maxInlineBytes = 96 * 1024
/** Records in one message. */
export const maxRecords = 256
/** Heads of lists in one message. */
export const maxHeads = 256
/** How long a call on a connection waits for its hello, in milliseconds. Then it runs as a stranger's. */
export const helloTimeoutMs = 5_000

/** `expired`: the certificate ran out by the clock of who answers. */
export const refusals = ['expired'] as const
export type HelloRefusal = (typeof refusals)[number]

const key = v.bytes({ min: 32, max: 32 })
/** Last record of a device list (crdt/FORMATS.md §4) */
const head = v.object({ term: v.int(), seq: v.int(), hash: v.bytes({ min: 32, max: 32 }) })
const records = v.list(v.bytes({ max: 64 * 1024 }), { max: maxRecords })
const heads = v.list(v.object({ twin: key, head }), { max: maxHeads })
const presentation = {
  /** Device certificate (crdt/FORMATS.md §3) */
  certificate: v.bytes({ max: 8 * 1024 }),
  /** Newest head of the speaker's own device list */
  head,
  /** What the listener may lack of it, oldest first */
  records,
  /** Newest lists of other twins that both may know of */
  heads: v.optional(heads)
}

export type HelloHead = v.Output<typeof head>
export type HelloHeads = v.Output<typeof heads>

const example = { twin: new Uint8Array(32).fill(1), head: { term: 0, seq: 3, hash: new Uint8Array(32).fill(2) } }
const examplePresentation = {
  certificate: new Uint8Array([0x84, 0x01]),
  head: example.head,
  records: [new Uint8Array([0x85, 0x01])],
  heads: [example]
}

/** Once a connection, both sides say which device of which twin they are. Whoever does not is a stranger. */
export const helloProtocol = defineProtocol({
  name: 'hello',
  version: '1.1',
  doc: 'Says which device of which twin is at either end of a connection, and which device lists are the newest',
  scopes: {
    present: {
      doc: 'Presents a device and hears who answers',
      consent: 'Say who you are to the twins you are connected with',
      callers: ['owner', 'contact', 'experience', 'stranger'],
      level: 'view'
    }
  },
  limits: {
    maxMessageSize: 128 * 1024,
    maxInboundStreams: 4,
    // Once a connection, and a few fetches after it. What is verified for one call takes up to 50 ms.
    rate: { points: 60, durationMs: 60_000 },
    timeoutMs: 5_000,
    relayed: true
  },
  methods: {
    present: unary({
      doc: 'Presents the caller and answers with whom it has reached',
      scope: 'present',
      request: v.object({
        ...presentation,
        /** What the caller has of the device list of whom it believes to call */
        have: v.optional(head)
      }),
      response: v.object({
        ...presentation,
        /** Why the caller is let in as a stranger only, though its twin lists it */
        refused: v.optional(v.picklist(refusals))
      }),
      examples: [{ request: { ...examplePresentation, have: example.head }, response: examplePresentation }]
    }),
    devices: unary({
      doc: 'Returns the device list of the answering twin, or of one that both know, beyond a head',
      scope: 'present',
      request: v.object({ twin: key, have: v.optional(head) }),
      response: v.object({
        records,
        /** Ask again from the head that these lead to */
        more: v.boolean()
      }),
      errors: ['NotFound'],
      examples: [
        {
          request: { twin: example.twin, have: example.head },
          response: { records: examplePresentation.records, more: false }
        }
      ]
    })
  }
})

export type PresentRequest = v.Output<typeof helloProtocol.methods.present.request>
export type PresentResponse = v.Output<typeof helloProtocol.methods.present.response>
export type DevicesRequest = v.Output<typeof helloProtocol.methods.devices.request>
export type DevicesResponse = v.Output<typeof helloProtocol.methods.devices.response>
