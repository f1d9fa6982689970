/**
 * Editing a note in a tab that does not run the peer, through the one that does. The text is relayed as a Yjs document between the
 * two tabs; its edits become edits of the device in the tab that leads.
 *
 * @packageDocumentation
 */
export { tabNotesProtocol } from './protocol.ts'
export { tabNotes } from './service.ts'
export { openTabNote } from './tab-note.ts'
