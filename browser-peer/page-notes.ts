import type { Spaces } from '../crdt/index.ts'
import type { CallContext, Client, Service } from '../protocols/core/index.ts'
import {
  defaultNotebook,
  keeperMethods,
  type NotesComponents,
  notes,
  notesPolicy,
  type notesProtocol
} from '../protocols/notes/index.ts'
import { withTwin } from './with-twin.ts'

type Notes = typeof notesProtocol

/**
 * Notes that answer in the page, online or not. Only nodes make, rename, share and accept notebooks: that is asked of the twin, and the
 * notebook is here once it was synced.
 */
export function pageNotes(components: NotesComponents, spaces: Spaces, twin: Client<Notes>): Service<Notes> {
  const service = withTwin(notes()(components), [...keeperMethods, 'accept'], twin)
  const here = service.methods
  const hasDefault = () =>
    spaces
      .list()
      .some(({ name, policy, state }) => policy === notesPolicy && state === 'open' && name === defaultNotebook)
  return {
    ...service,
    methods: {
      ...here,
      create: async (request, context: CallContext) => {
        if (request.notebook === undefined && !hasDefault()) {
          await twin.createNotebook({ name: defaultNotebook }, { signal: context.signal }).catch(isThere)
          await opened(spaces, hasDefault, context.signal)
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

/** @throws {unknown} the reason of the signal */
async function opened(spaces: Spaces, isHere: () => boolean, signal: AbortSignal): Promise<void> {
  if (isHere()) return
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (isHere()) end(resolve)
    }
    const giveUp = () => end(() => reject(signal.reason))
    const stops = [spaces.on('open', look), spaces.on('change', look)]
    const end = (settle: () => void) => {
      for (const stop of stops) stop()
      signal.removeEventListener('abort', giveUp)
      settle()
    }
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
  })
}
