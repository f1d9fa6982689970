import { defineProtocol, duplex, stream, unary, schema as v } from '../core/index.ts'

/** Bytes of one piece that `put` takes and `read` gives. */
export const maxPieceBytes = 256 * 1024
/** Bytes of a sealed chunk, at most (crdt/FORMATS.md §18). */
const maxSealedBytes = maxPieceBytes + 16
/** Bytes of a manifest, at most: 16,384 hashes and their head. */
const maxManifestBytes = 16_384 * 32 + 32
const maxChunks = 16_384

const reference = v.blobReference()
const address = v.pipe(v.string(), v.maxLength(64), v.regex(/^[0-9a-f]{64}$/, 'Expected the address of a blob'))

export type BlobReference = v.Output<typeof reference>

const garden: BlobReference = {
  address: '5f'.repeat(32),
  size: 5,
  key: new Uint8Array(32).fill(7),
  type: 'text/plain',
  name: 'garden.txt'
}
const { address: gardenAddress } = garden

/** Bytes that are many, beside the documents that refer to them. Members of a space fetch from each other what it refers to. */
export const blobsProtocol = defineProtocol({
  name: 'blobs',
  version: '1.0',
  doc: 'Files and other large values: sealed, in verified chunks, fetched from whoever has them',
  scopes: {
    fetch: {
      doc: 'Fetches sealed chunks of blobs that a space of both refers to',
      consent: 'Fetch the sealed files of spaces that you share',
      callers: ['owner', 'contact'],
      level: 'view'
    },
    read: {
      doc: 'Reads blobs whose reference is known',
      consent: 'Read files that it has a reference to',
      callers: ['owner', 'experience'],
      level: 'view'
    },
    write: {
      doc: 'Stores blobs',
      consent: 'Store files',
      callers: ['owner', 'experience']
    }
  },
  limits: {
    // A manifest is the longest message
    maxMessageSize: 1024 * 1024,
    // Eight chunks under way, granted by four: bandwidth × delay of 160 Mbit/s at 100 ms, and what a transfer holds in memory
    window: 2 * 1024 * 1024,
    // A fetch is two calls, and small blobs come in bursts with the messages that refer to them
    rate: { points: 1200, durationMs: 60_000 },
    maxInboundStreams: 16,
    relayed: false
  },
  methods: {
    has: unary({
      doc: 'Says whether a blob is here as a whole and the caller may fetch it',
      scope: 'fetch',
      request: v.object({ address }),
      response: v.object({ has: v.boolean() }),
      examples: [{ request: { address: gardenAddress }, response: { has: true } }]
    }),
    manifest: unary({
      doc: 'Returns the list of the hashes of the sealed chunks, of which the address is the hash',
      scope: 'fetch',
      errors: ['NotFound'],
      request: v.object({ address }),
      response: v.object({ manifest: v.bytes({ max: maxManifestBytes }) }),
      examples: [{ request: { address: gardenAddress }, response: { manifest: new Uint8Array([0x83, 1, 0, 0x40]) } }]
    }),
    get: stream({
      doc: 'Streams the sealed chunks of a blob in order, all or those from one on',
      scope: 'fetch',
      errors: ['NotFound'],
      request: v.object({
        address,
        /** Number of the first chunk; default 0 */
        from: v.optional(v.int({ max: maxChunks }))
      }),
      item: v.object({ index: v.int({ max: maxChunks }), sealed: v.bytes({ max: maxSealedBytes }) }),
      examples: [
        { request: { address: gardenAddress }, items: [{ index: 0, sealed: new Uint8Array(21) }] },
        { request: { address: gardenAddress, from: 1 }, items: [] }
      ]
    }),
    put: duplex({
      doc: 'Stores the bytes that are sent; the last answer has the reference. What nothing refers to an hour later is removed',
      scope: 'write',
      errors: ['FailedPrecondition'],
      request: v.object({
        /** Name of the file, without any folder */
        name: v.optional(v.text({ max: 255 })),
        /** Media type, such as `image/jpeg` */
        type: v.optional(v.text({ max: 128 }))
      }),
      up: v.object({ data: v.bytes({ max: maxPieceBytes }) }),
      down: v.object({
        /** Bytes that are stored */
        done: v.int(),
        /** In the last answer, once all is on synced storage */
        reference: v.optional(reference)
      }),
      examples: [
        {
          request: { name: 'garden.txt', type: 'text/plain' },
          up: [{ data: new Uint8Array([104, 101, 108, 108, 111]) }],
          down: [{ done: 5 }, { done: 5, reference: garden }]
        }
      ]
    }),
    read: stream({
      doc: 'Streams the bytes of a blob; what is not here is fetched from a member who has it, and streamed while it comes',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        reference,
        /** First byte; default 0 */
        from: v.optional(v.int({ max: 2 ** 32 }))
      }),
      item: v.object({ data: v.bytes({ max: maxPieceBytes }) }),
      examples: [
        { request: { reference: garden }, items: [{ data: new Uint8Array([104, 101, 108, 108, 111]) }] },
        { request: { reference: garden, from: 5 }, items: [] }
      ]
    }),
    list: stream({
      doc: 'Lists the blobs that something refers to, and whether they are here',
      scope: 'read',
      request: v.object({}),
      item: v.object({
        reference,
        /** How many times it is referred to */
        references: v.int(),
        isHere: v.boolean(),
        /** Bytes that were fetched so far, while it is being fetched */
        fetched: v.optional(v.int())
      }),
      examples: [{ request: {}, items: [{ reference: garden, references: 1, isHere: true }] }]
    })
  }
})
