import type * as Y from 'yjs'

/** Call where items were put in or deleted by hand: Yjs remembers where some positions are, and would insert elsewhere next time. */
export function forgetPositions({ changed }: Y.Transaction): void {
  for (const type of changed.keys()) type._searchMarker?.splice(0)
}
