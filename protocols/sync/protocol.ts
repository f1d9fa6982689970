import { defineProtocol, duplex, schema as v } from '../core/index.ts'

/** Bytes of one item: a run of a megabyte and what names it (crdt/FORMATS.md §10). */
export const maxItemBytes = 1024 * 1024 + 16 * 1024

const item = v.bytes({ min: 1, max: maxItemBytes })
/** `[5, 0]` and `[9, []]` in CBOR: all was sent, and no device list is known */
const [done, heads] = [new Uint8Array([0x82, 0x05, 0x00]), new Uint8Array([0x82, 0x09, 0x80])]

/** Two devices bring the spaces that they share level and keep them so while the call lasts. */
export const syncProtocol = defineProtocol({
  name: 'sync',
  version: '1.0',
  doc: 'Keeps the spaces that two twins, or two devices of one twin, share the same on both sides',
  scopes: {
    session: {
      doc: 'Exchanges the signed history of shared spaces. Each space decides by its members what is served to whom.',
      consent: 'Sync the spaces that you share',
      callers: ['owner', 'contact'],
      level: 'view'
    }
  },
  limits: {
    maxMessageSize: maxItemBytes + 1024,
    // One that runs, and one that replaces it after a connection broke unnoticed, in either direction
    maxInboundStreams: 4,
    // A session lasts as long as the connection; this is room for a bad network
    rate: { points: 60, durationMs: 60_000 },
    // Bandwidth × delay of 100 Mbit/s at 160 ms, and one run of the largest size besides
    window: 2 * 1024 * 1024,
    relayed: true
  },
  methods: {
    session: duplex({
      doc: 'Opens a session: both sides say what they have, send what the other lacks, then what is new',
      scope: 'session',
      request: v.object({}),
      up: item,
      down: item,
      examples: [{ request: {}, up: [heads, done], down: [heads, done] }]
    })
  }
})
