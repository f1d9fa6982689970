/**
 * One Level database under rules that make an acknowledgement mean something: synced group commits, and a fence after a failed write.
 *
 * @packageDocumentation
 */
export { deviceListStore, loadLists } from './device-list-store.ts'
export { GroupCommit } from './group-commit.ts'
export { afterPrefix, hexOf, SpaceKeys } from './keys.ts'
export type { Outcome, Participant } from './participant.ts'
export { type GatheredRows, renewRows } from './renew-rows.ts'
export { Batch, type Database, isOfClosedStore, Store, StoreError, type StoreErrorCode } from './store.ts'
export { StoreProbe } from './store-probe.ts'
