/** A small contract with every kind of method, for the kernel's own specs. */
import { defineProtocol, defineService, duplex, ProtocolError, stream, unary, schema as v } from './index.ts'

export const sampleProtocol = defineProtocol({
  name: 'sample',
  version: '1.1',
  doc: 'Every kind of method, for the specs of the kernel',
  scopes: {
    read: { doc: 'Reads', consent: 'Read the sample', callers: ['owner', 'contact', 'experience'] },
    write: { doc: 'Writes', consent: 'Change the sample', callers: ['owner'] }
  },
  limits: { maxMessageSize: 64 * 1024, window: 16 * 1024, relayed: false },
  methods: {
    echo: unary({
      doc: 'Answers with what it was sent',
      scope: 'read',
      request: v.object({ text: v.text({ max: 100 }), data: v.optional(v.bytes({ max: 40_000 })) }),
      response: v.object({ text: v.text({ max: 100 }), data: v.optional(v.bytes({ max: 40_000 })) }),
      errors: ['NotFound'],
      examples: [{ request: { text: 'hi' }, response: { text: 'hi', data: new Uint8Array([1, 2, 255]) } }]
    }),
    add: unary({
      doc: 'Adds two numbers of any size',
      scope: 'write',
      request: v.object({ a: v.bigint(), b: v.bigint() }),
      response: v.object({ sum: v.bigint() }),
      examples: [{ request: { a: 1n, b: 2n ** 60n }, response: { sum: 2n ** 60n + 1n } }]
    }),
    later: unary({
      doc: 'Came with the second minor',
      scope: 'read',
      since: '1.1',
      request: v.object({}),
      response: v.object({ version: v.text({ max: 10 }) }),
      examples: [{ request: {}, response: { version: '1.1' } }]
    }),
    count: stream({
      doc: 'Counts up, with a payload',
      scope: 'read',
      request: v.object({ to: v.int({ max: 1_000_000 }), size: v.optional(v.int({ max: 60_000 }), 0) }),
      item: v.object({ n: v.int(), data: v.bytes({ max: 60_000 }) }),
      examples: [{ request: { to: 1 }, items: [{ n: 0, data: new Uint8Array(2) }] }]
    }),
    double: duplex({
      doc: 'Doubles each number',
      scope: 'read',
      request: v.object({}),
      up: v.object({ n: v.int({ max: 1e9 }) }),
      down: v.object({ n: v.int({ max: 2e9 }) }),
      examples: [{ request: {}, up: [{ n: 2 }], down: [{ n: 4 }] }]
    })
  }
})

const { later: _, ...firstMethods } = sampleProtocol.methods

/** The same contract before its second minor. */
export const firstSampleProtocol = defineProtocol({ ...sampleProtocol, version: '1.0', methods: firstMethods })

export type SampleProtocol = typeof sampleProtocol

/** Behaves as its contract says; a spec replaces what it is about. */
export const sample = defineService(
  sampleProtocol,
  (_: object, init: Partial<import('./index.ts').Implementation<SampleProtocol>>) => ({
    echo: request => {
      if (request.text === 'missing') throw new ProtocolError('NotFound', 'Nothing of this name')
      return request
    },
    add: ({ a, b }) => ({ sum: a + b }),
    later: (_, { version }) => ({ version }),
    async *count({ to, size }) {
      for (let n = 0; n < to; n++) yield { n, data: new Uint8Array(size) }
    },
    async *double(_, incoming) {
      for await (const { n } of incoming) yield { n: n * 2 }
    },
    ...init
  })
)
