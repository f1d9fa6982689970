import type { Space, Spaces } from '../crdt/index.ts'
import type { CallContext, Client, Service } from '../protocols/core/index.ts'
import {
  defaultNotebook,
  keeperMethods,
  type NotesComponents,
  notes,
  notesPolicy,
  type notesProtocol
} from '../protocols/notes/index.ts'
import { spaceArrived } from './space-arrived.ts'
import { withTwin } from './with-twin.ts'

type Notes = typeof notesProtocol

/**
 * Notes that answer in the page, online or not. Only nodes make, rename, share and accept notebooks: that is asked of the twin, and the
 * notebook is here once it was synced.
 */
export function pageNotes(components: NotesComponents, spaces: Spaces, twin: Client<Notes>): Service<Notes> {
  const service = withTwin(notes()(components), [...keeperMethods, 'accept'], twin)
  const here = service.methods
  const isDefault = ({ name, policy, state }: Space) =>
    policy === notesPolicy && state === 'open' && name === defaultNotebook
  return {
    ...service,
    methods: {
      ...here,
      create: async (request, context: CallContext) => {
        if (request.notebook === undefined && !spaces.list().some(isDefault)) {
          await twin.createNotebook({ name: defaultNotebook }, { signal: context.signal }).catch(isThere)
          await spaceArrived(spaces, isDefault, context.signal)
        }
        return await here.create(request, context)
      }
    }
  }
}

/** Another device made it meanwhile. */
function isThere(error: { code?: string }): void {
  if (error.code !== 'AlreadyExists') throw error
}
