/**
 * Sync between two devices as a pure state machine: bytes in, bytes out. Frontiers are compared, what is missing is sent, the end
 * of that is said, and then what is new follows as it is stored. The messages are FORMATS §10.
 *
 * @packageDocumentation
 */
export { MAX_ITEM_BYTES, type SyncLimit, syncLimits } from './limits.ts'
export { decodeItem, type Message, messageToValue, type TwinHead } from './message.ts'
export type { SpaceProgress } from './space-progress.ts'
export { SyncError, type SyncErrorCode } from './sync-error.ts'
export { type SyncProgress, SyncSession, type SyncSessionInit } from './sync-session.ts'
