import { defineProtocol, stream, unary, schema as v } from '../core/index.ts'
import { blob, entry, key, maxKeyBytes, value, version } from './entry-schema.ts'

export { maxKeyBytes, maxValueBytes } from './entry-schema.ts'

/** Operations of one batch. */
export const maxBatch = 512
/** The namespace that is meant when none is named. */
export const defaultNamespace = 'default'

const prefix = v.optional(v.text({ max: maxKeyBytes }))
/** A namespace of your own, or `WHO/NAME` for one that a contact shares with you; default `default`. */
const space = v.optional(v.text({ min: 1, max: 192 }))
const namespace = v.text({ min: 1, max: 192 })
const who = v.text({ min: 1, max: 128 })
/** Version that has to stand there for the write to happen; empty: nothing may stand there. */
const expected = v.optional(version)

export type KvItem = v.Output<typeof entry>
export type KvValue = v.Output<typeof value>

const marieId = '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf'
const colour: KvItem = {
  key: 'colour',
  value: 'red',
  version: '1-1-7',
  at: 1_790_000_000_000,
  by: { twin: marieId, device: 1 }
}

const photo = {
  address: '5f'.repeat(32),
  size: 20_000_000,
  key: new Uint8Array(32).fill(7),
  type: 'image/jpeg',
  name: 'garden.jpg'
}

/** A key-value store that all devices of a twin share, and of which whole namespaces can be shared with contacts. */
export const kvProtocol = defineProtocol({
  name: 'kv',
  version: '1.1',
  doc: 'Named values, in namespaces that stay private or are shared with contacts, who may write them too',
  scopes: {
    read: {
      doc: 'Reads values',
      consent: 'Read what you store by name',
      callers: ['owner', 'experience'],
      level: 'view'
    },
    write: {
      doc: 'Stores and deletes values',
      consent: 'Store and delete values by name',
      callers: ['owner', 'experience']
    },
    share: {
      doc: 'Shares namespaces with contacts and accepts theirs',
      consent: 'Share stored values with people and accept theirs',
      callers: ['owner']
    }
  },
  // Local callers only, and an import is one call a value at worst
  limits: {
    maxMessageSize: 1024 * 1024,
    window: 1024 * 1024,
    rate: { points: 3_000_000, durationMs: 60_000 },
    timeoutMs: 30_000,
    relayed: true
  },
  methods: {
    get: unary({
      doc: 'Returns the value under a key',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ key, space }),
      response: entry,
      examples: [
        { request: { key: 'colour' }, response: colour },
        { request: { key: 'colour', space: 'Marie/house' }, response: { ...colour, value: new Uint8Array([1, 2]) } },
        { request: { key: 'photo' }, response: { ...colour, key: 'photo', value: new Uint8Array(), blob: photo } }
      ]
    }),
    put: unary({
      doc: 'Stores a value under a key, if asked only over the version that is expected there',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ key, value, space, expected }),
      response: v.object({ key, version }),
      examples: [
        { request: { key: 'colour', value: 'red' }, response: { key: 'colour', version: '1-1-7' } },
        {
          request: { key: 'colour', value: { r: 255 }, expected: '1-1-7' },
          response: { key: 'colour', version: '1-1-8' }
        }
      ]
    }),
    putBlob: unary({
      doc: 'Stores a value of any size under a key: a blob that is stored here (`blobs.put`)',
      scope: 'write',
      since: '1.1',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ key, blob: v.blobReference(), space, expected }),
      response: v.object({ key, version }),
      examples: [{ request: { key: 'photo', blob: photo }, response: { key: 'photo', version: '1-1-9' } }]
    }),
    delete: unary({
      doc: 'Removes a value; removing what is not there is no error unless a version was expected',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ key, space, expected }),
      response: v.object({ key, deleted: v.boolean() }),
      examples: [{ request: { key: 'colour' }, response: { key: 'colour', deleted: true } }]
    }),
    list: stream({
      doc: 'Lists values in the order of their keys, all or those under a prefix',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        prefix,
        space,
        /** Only keys after this one: the last key of the page above */
        after: v.optional(key),
        /** Default: all */
        limit: v.optional(v.int({ min: 1 }))
      }),
      item: entry,
      examples: [{ request: { prefix: 'col' }, items: [colour] }]
    }),
    watch: stream({
      doc: 'Streams every change under a prefix as it happens, whoever wrote it',
      scope: 'read',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ prefix, space }),
      item: v.object({
        type: v.picklist(['put', 'delete']),
        key,
        /** Absent for a delete */
        value: v.optional(value),
        blob,
        version: v.optional(version),
        at: v.optional(v.timeMs()),
        by: v.optional(v.object({ twin: v.twinId(), device: v.int({ max: 65_535 }) })),
        /** A value that lost because it was written at the same time as what stands there now */
        lost: v.optional(entry)
      }),
      examples: [
        {
          request: {},
          items: [
            { type: 'put', ...colour },
            { type: 'delete', key: 'colour' }
          ]
        }
      ]
    }),
    batch: unary({
      doc: 'Does many puts and deletes in one call; an expectation that fails refuses the call, other keys of it may be done',
      scope: 'write',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({
        ops: v.list(
          v.variant('type', [
            v.object({ type: v.literal('put'), key, value, expected }),
            v.object({ type: v.literal('delete'), key, expected })
          ]),
          { min: 1, max: maxBatch }
        ),
        space
      }),
      response: v.object({
        /** In the order of the operations; a delete has no version */
        results: v.list(v.object({ key, version: v.optional(version) }), { max: maxBatch })
      }),
      examples: [
        {
          request: {
            ops: [
              { type: 'put', key: 'colour', value: 'red' },
              { type: 'delete', key: 'shape' }
            ]
          },
          response: { results: [{ key: 'colour', version: '1-1-7' }, { key: 'shape' }] }
        }
      ]
    }),
    namespaces: stream({
      doc: 'Lists namespaces: your own, those you share, and those that contacts share with you',
      scope: 'read',
      request: v.object({}),
      item: v.object({
        /** What `space` takes */
        name: namespace,
        kind: v.picklist(['private', 'shared', 'received']),
        members: v.list(v.object({ id: v.twinId(), name: v.text({ max: 64 }) }), { max: 64 })
      }),
      examples: [
        {
          request: {},
          items: [
            { name: 'default', kind: 'private', members: [] },
            { name: 'Marie/house', kind: 'received', members: [{ id: marieId, name: 'Marie' }] }
          ]
        }
      ]
    }),
    share: unary({
      doc: 'Shares a namespace with a contact, who may then read and write all of it',
      scope: 'share',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ namespace, who }),
      response: v.object({
        name: namespace,
        members: v.list(v.object({ id: v.twinId(), name: v.text({ max: 64 }) }), { max: 64 })
      }),
      examples: [
        {
          request: { namespace: 'house', who: 'Marie' },
          response: { name: 'house', members: [{ id: marieId, name: 'Marie' }] }
        }
      ]
    }),
    offers: stream({
      doc: 'Lists namespaces that contacts offer and that were not accepted yet',
      scope: 'share',
      request: v.object({}),
      item: v.object({ name: namespace, from: v.twinId() }),
      examples: [{ request: {}, items: [{ name: 'Marie/house', from: marieId }] }]
    }),
    accept: unary({
      doc: 'Accepts an offered namespace by its name WHO/NAME; using it by that name accepts it too',
      scope: 'share',
      errors: ['NotFound', 'FailedPrecondition'],
      request: v.object({ name: namespace }),
      response: v.object({ name: namespace, from: v.twinId() }),
      examples: [{ request: { name: 'Marie/house' }, response: { name: 'Marie/house', from: marieId } }]
    })
  }
})
