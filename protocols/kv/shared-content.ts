import { twinToText } from '../../crdt/identity/index.ts'
import type { Space, Spaces } from '../../crdt/index.ts'
import { keyValue } from '../../crdt/key-value/index.ts'
import { type Content, contentOf, deletionsOf } from './content.ts'
import { until } from './until.ts'

/** Namespace of the entries inside a shared space. */
const inside = 'default'
/** Beside them stands what was done with them. */
const aboutShare = '.share'
/** That all entries are in, after the last of them in the maker's log and so in everybody's. */
const wholeKey = 'whole'
/** Before the id of another space: what it had is in. */
const takenPrefix = 'from/'
/** Before a twin id: its membership of another space was taken over. */
const memberPrefix = 'member/'

export function sharedContent(space: Space): Content {
  return contentOf(space, inside)
}

/** The key that a row of a shared space is about, if it is one of the namespace: an entry or a deletion. */
export function keyOfRow(row: string): string | undefined {
  const end = row.indexOf('/')
  const table = row.slice(0, end)
  return table === inside || table === deletionsOf(inside) ? row.slice(end + 1) : undefined
}

/** Whether a row of a shared space says that all is in. */
export function isWholeRow(row: string): boolean {
  return row === `${aboutShare}/${wholeKey}`
}

/** Says that everything there was when it was shared is in the space. */
export async function markWhole(space: Space): Promise<void> {
  await keyValue(space, aboutShare).put(wholeKey, new Uint8Array())
}

/** Whether that has arrived. */
export async function isWhole(space: Space): Promise<boolean> {
  return (await keyValue(space, aboutShare).get(wholeKey)) !== undefined
}

export interface Opening {
  readonly spaces: Pick<Spaces, 'accept'>
  onSpaces(listener: () => void): () => void
}

/** Accepts a space if it is offered, and waits for that, so that the first `get` does not say that nothing is there. */
export async function opened(
  space: Space,
  { spaces, onSpaces }: Opening,
  timeoutMs: number,
  signal?: AbortSignal
): Promise<Space> {
  if (space.state !== 'offered') return space
  const accepted = await spaces.accept(space.id)
  const find = async () => (accepted.state === 'open' && (await isWhole(accepted))) || undefined
  const subscribe = (listener: () => void) => {
    const stops = [onSpaces(listener), accepted.on('rows', listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }
  await until(find, subscribe, timeoutMs, signal)
  return accepted
}

/** Says that the space has what the other one had, after the last of it. */
export async function markTaken(space: Space, other: Space): Promise<void> {
  if (!(await hasTaken(space, other))) await keyValue(space, aboutShare).put(takenPrefix + other.text, new Uint8Array())
}

export async function hasTaken(space: Space, other: Space): Promise<boolean> {
  return (await keyValue(space, aboutShare).get(takenPrefix + other.text)) !== undefined
}

export async function markMember(space: Space, twin: Uint8Array): Promise<void> {
  await keyValue(space, aboutShare).put(memberPrefix + twinToText(twin), new Uint8Array())
}

/** Twin ids of those whose membership of another space was taken over: they are not made members again once they were removed. */
export async function markedMembers(space: Space): Promise<Set<string>> {
  const ids = new Set<string>()
  for await (const { key } of keyValue(space, aboutShare).list({ prefix: memberPrefix })) {
    ids.add(key.slice(memberPrefix.length))
  }
  return ids
}
