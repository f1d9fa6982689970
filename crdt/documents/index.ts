/**
 * Documents of a space: Yjs documents that are made of sealed entries, loaded when they are first used.
 *
 * @packageDocumentation
 */
export type { DocumentKind, EntryInfo, IndexRow, Projection, SpaceFacts, SpaceKind } from './document-kind.ts'
