/**
 * Notes in Markdown, in notebooks that all devices of a twin have and that are shared with contacts, who write in them at the same
 * time. Editors in this process open a note with `editNote`; everybody else calls the methods.
 *
 * ```ts
 * await notes.createNotebook({ name: 'Trip' })
 * const { id, title } = await notes.create({ notebook: 'Trip', text: '# Packing\n\n- sandals' })
 * assert.equal(title, 'Packing')
 * await notes.append({ note: id, text: '\n- hat' })
 * await notes.replace({ note: id, at: 13, length: 7, text: 'boots', expected: 'sandals' })
 * assert.equal((await notes.read({ note: id })).text, '# Packing\n\n- boots\n- hat')
 * await notes.share({ notebook: 'Trip', who: 'Ben' })
 * ```
 * @packageDocumentation
 */
export { noteKind, notesPolicy } from './document-kind.ts'
export { type EditNoteInit, editNote } from './edit-note.ts'
export type { People } from './notebooks.ts'
export { Notes, type NotesComponents } from './notes.ts'
export * from './protocol.ts'
export { rewrite } from './rewrite.ts'
export { notes } from './service.ts'
