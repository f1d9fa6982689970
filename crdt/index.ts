/**
 * Spaces of shared state: signed, sealed logs that carry Yjs updates, kept in a Level store and synced between replicas.
 *
 * ```ts
 * const notes = await spaces.create({ kind: 'shared', name: 'notes', members: [marie] })
 * const table = keyValue(notes, 'default')
 * const { version } = await table.put('colour', new TextEncoder().encode('red'))
 * assert.equal((await table.get('colour'))?.version, version)
 * ```
 * @packageDocumentation
 */
export * from './crypto/index.ts'
export type { DocumentKind, EntryInfo, IndexRow, Projection, SpaceFacts, SpaceKind } from './documents/index.ts'
export * from './identity/index.ts'
export * from './key-value/index.ts'
export type { LogId } from './log/index.ts'
export * from './spaces/index.ts'
export { deviceListStore, loadLists, StoreError, type StoreErrorCode } from './store/index.ts'
