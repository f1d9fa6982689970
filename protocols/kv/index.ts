/**
 * Values by name, in namespaces that all devices of a twin share. A whole namespace can be shared with contacts, who write
 * it too and find it under WHO/NAME.
 *
 * ```ts
 * await kv.put({ key: 'colour', value: 'red' })
 * const { value, version } = await kv.get({ key: 'colour' })
 * assert.equal(value, 'red')
 * await kv.put({ key: 'colour', value: 'blue', expected: version })
 * await kv.put({ key: 'lamp', value: { on: true }, space: 'house' })
 * await kv.share({ namespace: 'house', who: 'Ben' })
 * assert.deepEqual((await bensKv.get({ key: 'lamp', space: 'Ann/house' })).value, { on: true })
 * ```
 * @packageDocumentation
 */
export { Kv, type KvComponents, type KvInit } from './kv.ts'
export type { People } from './namespaces.ts'
export * from './protocol.ts'
export { kv } from './service.ts'
