/**
 * Spaces of a device: what is shared with whom, written, received, stored and told to sync.
 *
 * Where to begin reading: `LocalSpaces` is all of them and `LocalSpace` is one; each puts its parts together and says which of them does
 * what. What parts share is in `SpacesContext` and `SpaceContext`, and what happens goes through `SpacesNews` and `SpaceNews`.
 *
 * - Of all spaces `SpaceTable` finds one, `SpaceAssembly` puts one together, `SpaceMaking` makes it, `SpaceArrivals` takes it from others,
 *   `SpaceAcceptance` opens it, `SpaceKeeping` decides about it, and `LocalReplica` is the side that sync sees.
 * - Of one space `SpaceLoading` reads the store, `SpaceCommits` writes it, `SpaceDocuments` is for people, `SpaceSync` for peers, and
 *   `SpaceParts` lists all that these work with.
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
export type { PlacedRun, TypedRun } from './typed-runs.ts'
