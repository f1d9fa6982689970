import type { Space } from '../../crdt/index.ts'
import { type KeyValue, keyValue } from '../../crdt/key-value/index.ts'
import { until } from './until.ts'

/** Namespace of the entries inside a shared space. */
const inside = 'default'
/** Beside them stands that all entries are in, after the last of them in the maker's log and so in everybody's. */
const aboutShare = '.share'
const wholeKey = 'whole'

export function entriesOf(space: Space): KeyValue {
  return keyValue(space, inside)
}

/** Says that everything there was when it was shared is in the space. */
export async function markWhole(space: Space): Promise<void> {
  await keyValue(space, aboutShare).put(wholeKey, new Uint8Array())
}

/** Waits until that has arrived, so that the first `get` after an acceptance does not say that nothing is there. */
export async function untilWhole(
  space: Space,
  subscribe: (listener: () => void) => () => void,
  timeoutMs: number,
  signal?: AbortSignal
): Promise<void> {
  const isWhole = async () => (space.state === 'open' ? await keyValue(space, aboutShare).get(wholeKey) : undefined)
  const both = (listener: () => void) => {
    const stops = [subscribe(listener), space.on('rows', listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }
  await until(isWhole, both, timeoutMs, signal)
}
