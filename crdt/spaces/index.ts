/**
 * Spaces of a device: what is shared with whom, written, received, stored and told to sync.
 *
 * @packageDocumentation
 */
export { heldLimits } from './held-entries.ts'
export type { ShownPresence } from './live-presence.ts'
export type { EditOptions, LiveText, LiveTextEvents } from './live-text.ts'
export { createSpaces } from './local-spaces.ts'
export type { OwnHead, OwnHeads } from './own-heads.ts'
export { readPresence } from './presence-update.ts'
export type {
  DurableClaim,
  Known,
  LogRun,
  MilestoneAnswer,
  MilestoneOffer,
  MilestoneResult,
  ReceiveResult,
  RefusalCode,
  Replica,
  ReplicaEvents,
  SpaceInfo,
  SpaceState
} from './replica.ts'
export {
  type Compaction,
  type Delivery,
  type DeliveryState,
  type EntryRef,
  type Index,
  type LogReview,
  type Member,
  type RangeOptions,
  type Role,
  type Space,
  SpaceError,
  type SpaceErrorCode,
  type SpaceEvents,
  type SpaceReview,
  type StoredEntry
} from './space.ts'
export type { Database, Me, SpaceLogger, Spaces, SpacesEvents, SpacesInit } from './spaces.ts'
export { TextListeners } from './text-listeners.ts'
