import type { Space, Spaces } from '../../crdt/index.ts'
import { keyValueKind } from '../../crdt/key-value/index.ts'

export interface Row {
  readonly key: string
  /** Absent for one that was removed */
  readonly value?: Uint8Array
}

/** Listens to the rows of values of all spaces that are there, or come, and are of a sort. */
export function onSpaceRows(
  spaces: Pick<Spaces, 'list' | 'on'>,
  isOf: (space: Space) => boolean,
  listener: (space: Space, rows: readonly Row[]) => void
): () => void {
  const stops = new Map<string, () => void>()
  const add = (space: Space) => {
    if (stops.has(space.text) || !isOf(space)) return
    const onRows = ({ kind, rows }: { kind: string; rows: readonly Row[] }) => {
      if (kind === keyValueKind.kind) listener(space, rows)
    }
    stops.set(space.text, space.on('rows', onRows))
  }
  for (const space of spaces.list()) add(space)
  const note = ({ space }: { space: Space }) => add(space)
  const others = [spaces.on('open', note), spaces.on('offer', note)]
  return () => {
    for (const stop of [...others, ...stops.values()]) stop()
  }
}
