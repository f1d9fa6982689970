/**
 * What a twin shares with whom, below the capabilities that use it: who is in a space, in which role, and what of it is not shown.
 *
 * ```ts
 * await kv.share({ namespace: 'house', who: 'Ben' })
 * for await (const { name, role } of spaces.list({})) if (name === 'house') assert.equal(role, 'owner')
 * const ben = await spaces.setRole({ space: 'house', who: 'Ben', role: 'reader' })
 * assert.equal(ben.role, 'reader')
 * assert.equal((await spaces.remove({ space: 'house', who: 'Ben' })).removed, true)
 * ```
 * @packageDocumentation
 */
export * from './protocol.ts'
export { spaces } from './service.ts'
export { SpaceList, type SpacesComponents } from './space-list.ts'
