/**
 * Documents of a space: Yjs documents that are made of sealed entries, loaded when they are first used.
 *
 * @packageDocumentation
 */
export { type DeleteRange, type Delta, deltaToUpdate, type Growth } from './delta.ts'
export type { DocumentKind, EntryInfo, IndexRow, Projection, SpaceFacts, SpaceKind } from './document-kind.ts'
export { type Editing, LoadedDocument } from './loaded-document.ts'
export { reissuer } from './reissue.ts'
export { decodeSnapshot, encodeSnapshot, type Snapshot, type SnapshotFrontier } from './snapshot.ts'
