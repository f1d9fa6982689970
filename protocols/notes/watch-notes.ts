import type { Space } from '../../crdt/index.ts'
import type { schema } from '../core/index.ts'
import { noteIn } from './list-notes.ts'
import type { notesProtocol } from './protocol.ts'

type Change = schema.Output<(typeof notesProtocol)['methods']['watch']['item']>

/** Notes as they change. They are remembered by name and read when the reader asks, so a slow reader gets what is there by then. */
export async function* watchNotes(
  spaces: () => readonly Space[],
  onSpaces: (listener: () => void) => () => void,
  signal: AbortSignal
): AsyncGenerator<Change> {
  const changed = new Map<string, { readonly space: Space; readonly id: string }>()
  const stops = new Map<Space, () => void>()
  let wake = () => {}
  const follow = () => {
    for (const space of spaces()) {
      if (stops.has(space)) continue
      const stop = space.on('rows', ({ kind, rows }) => {
        if (kind !== 'note') return
        for (const { key } of rows) {
          const id = key.split('/')[1]!
          changed.set(`${space.text}/${id}`, { space, id })
        }
        wake()
      })
      stops.set(space, stop)
    }
  }
  follow()
  const unfollow = onSpaces(follow)
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      const woken = new Promise<void>(resolve => {
        wake = resolve
      })
      for (const [key, { space, id }] of changed) {
        changed.delete(key)
        const note = await noteIn(space, id)
        yield { type: note === undefined ? 'deleted' : 'changed', id, notebook: space.text, ...(note && { note }) }
      }
      if (changed.size === 0 && !signal.aborted) await woken
    }
  } finally {
    unfollow()
    signal.removeEventListener('abort', onAbort)
    for (const stop of stops.values()) stop()
  }
}
