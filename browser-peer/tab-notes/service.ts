import { defineService } from '../../protocols/core/index.ts'
import type { OpenNote } from '../open-note.ts'
import { LeadNote } from './lead-note.ts'
import { tabNotesProtocol, type Up } from './protocol.ts'

export interface TabNotesComponents {
  /** Opens a note in the peer of this page. @throws {ProtocolError} `NotFound` */
  open(note: string): Promise<OpenNote>
}

/** In the tab that runs the peer: serves the editors of the other tabs. */
export const tabNotes = defineService(tabNotesProtocol, ({ open }: TabNotesComponents) => ({
  async *edit({ note, known }: { note: string; known?: Uint8Array }, up: AsyncIterable<Up>) {
    const lead = new LeadNote(await open(note), known)
    const taking = takeAll(lead, up)
    try {
      yield* lead.down.items()
      await taking
    } finally {
      lead.close()
    }
  }
}))

async function takeAll(lead: LeadNote, up: AsyncIterable<Up>): Promise<void> {
  try {
    for await (const item of up) lead.take(item)
  } finally {
    lead.down.end()
  }
}
