/**
 * Spaces of shared state: signed, sealed logs that carry Yjs updates, kept in a Level store and synced between replicas.
 *
 * @packageDocumentation
 */
export type { DocumentKind, EntryInfo, IndexRow, Projection, SpaceFacts, SpaceKind } from './documents/index.ts'
export * from './key-value/entry.ts'
export type { LogId } from './log/index.ts'
export type { Replica, SpaceState } from './spaces/replica.ts'
export * from './spaces/space.ts'
export type { Database, Me, SpaceLogger, Spaces, SpacesEvents, SpacesInit } from './spaces/spaces.ts'
