import { type Entry, VersionConflict } from '../../crdt/key-value/index.ts'
import type { Content } from './content.ts'
import { maxBatch } from './protocol.ts'

/** Bytes of values that are held in memory at a time. */
const maxHeld = 1024 * 1024

/** Tables of which something is taken. */
export type Source = { readonly [K in keyof Content]: Pick<Content[K], 'list' | 'get' | 'delete'> }

/** What is known of a table, by key. */
export type Known = { readonly [K in keyof Content]: Pick<Content[K], 'get'> }

/**
 * Does in `target` what was done later in `source`, puts and deletions, with its time. Doing it twice, or on several devices, is doing
 * it once.
 *
 * @param isFrom whose writes are taken, default everybody's
 */
export async function copyContent(source: Source, target: Content, isFrom: (entry: Entry) => boolean = () => true) {
  await eachOf(source.entries, async entry => {
    if (isFrom(entry)) await copyEntry(entry, source, target)
  })
  await eachOf(source.deletions, async deletion => {
    if (isFrom(deletion)) await copyDeletion(deletion, source, target)
  })
}

/** Removes what was copied; what has come in meanwhile stays. */
export async function removeCopied(source: Source, target: Content): Promise<void> {
  await eachOf(source.entries, async entry => {
    if (await isPast(await withTime(entry, source), target)) {
      await source.entries.delete(entry.key, { expected: entry.version }).catch(unlessChanged)
    }
  })
  await eachOf(source.deletions, async ({ key, at, version }) => {
    const isAgain = (await source.entries.get(key)) !== undefined
    const known = isAgain ? undefined : await latestIn(target, key)
    if (known !== undefined && known >= at)
      await source.deletions.delete(key, { expected: version }).catch(unlessChanged)
  })
}

/**
 * Takes an entry out of `target` that was deleted there later, if the entry or the deletion is a copy of what one of `sources` has: who
 * copied one did not know of the other. Of what was done in the target itself, at the same time, a put outlives a deletion.
 */
export async function settle(key: string, target: Content, sources: readonly Known[]): Promise<void> {
  const gone = await target.deletions.get(key)
  const there = gone && (await target.entries.get(key))
  if (there === undefined || there.at >= gone!.at) return
  for (const source of sources) {
    const origin = await source.entries.get(key)
    const isCopy = origin !== undefined && (await withTime(origin, source)).at === there.at
    const isGone = origin === undefined && (await source.deletions.get(key))?.at === gone!.at
    if (!isCopy && !isGone) continue
    await target.entries.delete(key, { expected: there.version }).catch(unlessChanged)
    return
  }
}

async function copyEntry(entry: Entry, source: Source, target: Content): Promise<void> {
  const timed = await withTime(entry, source)
  const { key, value, kind, at } = timed
  for (let isDone = false; !isDone; ) {
    if (await isPast(timed, target)) return
    const there = await target.entries.get(key)
    // Only over what was compared: a put over what came in since would stand over it
    if (there !== undefined && there.at > at) return
    const expected = there?.version ?? null
    isDone = await target.entries.put(key, value, { kind, at, expected }).then(() => true, unlessChanged)
  }
}

async function copyDeletion({ key, at }: Entry, source: Source, target: Content): Promise<void> {
  // Written again after it
  if ((await source.entries.get(key)) !== undefined) return
  for (let isDone = false; !isDone; ) {
    const there = await target.entries.get(key)
    if (there === undefined) break
    if (there.at >= at) return
    isDone = await target.entries.delete(key, { expected: there.version }).then(() => true, unlessChanged)
  }
  const known = await target.deletions.get(key)
  if (known === undefined || known.at < at) await target.deletions.put(key, new Uint8Array(), { at })
}

/** Whether the target has it, or something that was done later. */
async function isPast({ key, kind, value, at }: Entry, target: Content): Promise<boolean> {
  const [there, gone] = await Promise.all([target.entries.get(key), target.deletions.get(key)])
  if (gone !== undefined && gone.at > at) return true
  if (there === undefined) return false
  if (there.at !== at) return there.at > at
  return there.kind === kind && isEqual(there.value, value)
}

/** When the last thing that the target knows was done to a key. */
async function latestIn({ entries, deletions }: Content, key: string): Promise<number | undefined> {
  const known = await Promise.all([entries.get(key), deletions.get(key)])
  return known.reduce<number | undefined>(
    (latest, row) => (row && row.at > (latest ?? -1) ? row.at : latest),
    undefined
  )
}

/** What stands there came behind a deletion of the same place, whatever the clocks said. */
async function withTime(entry: Entry, { deletions }: Pick<Known, 'deletions'>): Promise<Entry> {
  const gone = await deletions.get(entry.key)
  return gone === undefined || gone.at < entry.at ? entry : { ...entry, at: gone.at + 1 }
}

/** Several at a time, within bounds. */
async function eachOf(table: Pick<Source['entries'], 'list'>, action: (entry: Entry) => Promise<void>) {
  let entries: Entry[] = []
  let held = 0
  for await (const entry of table.list()) {
    entries.push(entry)
    held += entry.value.length
    if (entries.length < maxBatch && held < maxHeld) continue
    await Promise.all(entries.map(action))
    entries = []
    held = 0
  }
  await Promise.all(entries.map(action))
}

function unlessChanged(error: unknown): false {
  if (error instanceof VersionConflict) return false
  throw error
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
