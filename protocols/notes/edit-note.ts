import { twinToText } from '../../crdt/identity/index.ts'
import type { LiveText, Space } from '../../crdt/index.ts'
import { documentOf } from './document-kind.ts'

export interface EditNoteInit {
  /** Petname of a twin, for what stands beside its cursor; default nothing */
  readonly nameOf?: (twin: string) => string
}

/**
 * A note for an editor in this process: what is typed into its text is stored and seen by the others, and theirs appears in it, with
 * their cursors. Close it when the editor goes.
 */
export function editNote(space: Space, note: string, { nameOf }: EditNoteInit = {}): Promise<LiveText> {
  return space.edit(documentOf(note), { nameOf: ({ twin }) => nameOf?.(twinToText(twin)) ?? '' })
}
