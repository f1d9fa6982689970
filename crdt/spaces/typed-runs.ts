import * as Y from 'yjs'

/** Runs and UTF-16 units that are shown of one device: who pastes more waits for its entry. */
const maxRuns = 8
const maxLength = 256

interface Id {
  readonly client: number
  readonly clock: number
}

/** What a device typed, one letter behind the other. Yjs numbers UTF-16 units, so that what of it has arrived is known by its clock. */
export interface TypedRun {
  /** Of the first unit, under the client id of the device */
  readonly clock: number
  /** What it was typed behind; null at the beginning */
  readonly after: Id | null
  readonly text: string
}

/** What of a run has not arrived, and where of the text it is to be shown. */
export interface PlacedRun {
  readonly index: number
  readonly text: string
}

/** What a device wrote into a text from a clock on and did not delete again. Nothing where that is too much. */
export function typedRuns(text: Y.Text, client: number, since: number): TypedRun[] {
  const structs = text.doc?.store.clients.get(client) ?? []
  if (structs.length === 0 || Y.getState(text.doc!.store, client) <= since) return []
  const runs: TypedRun[] = []
  let length = 0
  for (let at = Y.findIndexSS(structs, since); at < structs.length; at++) {
    const item = structs[at]
    if (!(item instanceof Y.Item) || item.deleted || item.parent !== text) continue
    if (!(item.content instanceof Y.ContentString)) continue
    const skipped = Math.max(0, since - item.id.clock)
    const origin = skipped > 0 ? { client, clock: since - 1 } : item.origin
    const after = origin === null ? null : { client: origin.client, clock: origin.clock }
    runs.push({ clock: item.id.clock + skipped, after, text: item.content.str.slice(skipped) })
    length += item.content.str.length - skipped
    if (runs.length > maxRuns || length > maxLength) return []
  }
  return runs
}

/** What somebody else says of what they typed: whatever is not that is left out. */
export function readTypedRuns(value: unknown): TypedRun[] {
  if (!Array.isArray(value) || value.length > maxRuns) return []
  const runs: TypedRun[] = []
  let length = 0
  for (const one of value as unknown[]) {
    if (typeof one !== 'object' || one === null) return []
    const { clock, after, text } = one as Record<string, unknown>
    if (!isClock(clock) || typeof text !== 'string') return []
    if (typeof after !== 'object') return []
    if (after !== null && !isId(after)) return []
    length += text.length
    if (length > maxLength) return []
    runs.push({ clock, after: after && { client: after.client, clock: after.clock }, text })
  }
  return runs
}

/**
 * Where of a text a run is to be shown, and what of it has not arrived; nothing when all has, when what it stands behind has not, and of what
 * can not be next: more than is shown would have to arrive before it.
 */
export function placeTypedRun(
  text: Y.Text,
  client: number,
  { clock, after, text: typed }: TypedRun
): PlacedRun | undefined {
  const state = Y.getState(text.doc!.store, client)
  const arrived = Math.max(0, state - clock)
  if (arrived >= typed.length || clock > state + maxLength) return undefined
  const item = arrived > 0 ? { client, clock: clock + arrived - 1 } : after
  if (item === null) return { index: 0, text: typed }
  const place = Y.createRelativePositionFromJSON({ type: null, tname: null, item, assoc: -1 })
  const found = Y.createAbsolutePositionFromRelativePosition(place, text.doc!)
  return found?.type === text ? { index: found.index, text: typed.slice(arrived) } : undefined
}

function isId(value: object): value is Id {
  const { client, clock } = value as Record<string, unknown>
  return isClock(client) && isClock(clock)
}

function isClock(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
