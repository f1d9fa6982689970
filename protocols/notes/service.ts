import { defineService } from '../core/index.ts'
import { Notes, type NotesComponents } from './notes.ts'
import { notesProtocol } from './protocol.ts'

export const notes = defineService(notesProtocol, (components: NotesComponents) => new Notes(components))
