import { equals } from 'uint8arrays/equals'
import { decode, encode } from '../codec.ts'
import type { DocumentKind } from '../documents/index.ts'
import { renewRows, StoreError } from '../store/index.ts'
import { type IndexSources, rebuildIndex } from './rebuild-index.ts'
import type { SpaceContext } from './space-context.ts'

type Kinds = ReadonlyMap<string, DocumentKind>

/**
 * Writes the index of a space anew where another release wrote it, whose kinds gave other rows, or where that was left half done. The
 * log is the truth: nothing of what people wrote is touched.
 *
 * @param isForced in any case
 */
export async function renewIndex(
  context: SpaceContext,
  sources: IndexSources,
  client: number,
  isForced: boolean
): Promise<void> {
  const { store, keys, kinds, logs, log } = context
  const [versions, progress] = await store.getMany([keys.projections, keys.renewing])
  if (!isForced && progress === undefined && isCurrent(versions, kinds)) return
  const heads = [...logs].filter(({ seq }) => seq > 0)
  const projections = encode(versionsOf(kinds))
  if (heads.length === 0 && progress === undefined) {
    const batch = store.batch()
    batch.put(keys.projections, projections)
    await store.commit(batch)
    return
  }
  log.info('The index of a space is written anew')
  const renewal = {
    rows: keys.index,
    gathered: keys.gathered,
    progress: keys.renewing,
    from: encode([projections, heads.map(({ key, hash }) => [key, hash])]),
    gather: (rows: Parameters<typeof rebuildIndex>[3]) => rebuildIndex(context, sources, client, rows),
    done: (batch: { put(key: string, value: Uint8Array): void }) => batch.put(keys.projections, projections)
  }
  await renewRows(store, renewal, isForced)
}

/** Of the kinds that are known here, all of them: 1 is not written down. */
function versionsOf(kinds: Kinds): Record<string, number> {
  const versions: Record<string, number> = {}
  for (const { kind, projection = 1 } of kinds.values()) if (projection !== 1) versions[kind] = projection
  return versions
}

function isCurrent(row: Uint8Array | undefined, kinds: Kinds): boolean {
  if (row !== undefined && equals(row, encode(versionsOf(kinds)))) return true
  const stored = row === undefined ? new Map() : readVersions(row)
  return [...kinds.values()].every(({ kind, projection = 1 }) => (stored.get(kind) ?? 1) === projection)
}

/** @throws {StoreError} */
function readVersions(row: Uint8Array): Map<string, unknown> {
  const value = decode(row)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new StoreError('corrupt', 'The store is damaged: what its index was written by cannot be read')
  }
  return new Map(Object.entries(value))
}
