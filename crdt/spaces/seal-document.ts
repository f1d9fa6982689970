import { equals } from 'uint8arrays/equals'
import * as Y from 'yjs'
import type { LoadedDocument } from '../documents/index.ts'
import { bytesToHex } from '../log/index.ts'
import { type ListedDocument, sealParts } from '../milestone/index.ts'
import type { Batch } from '../store/index.ts'
import type { EntryMarks } from './entry-marks.ts'
import type { Milestones } from './milestones.ts'
import { isByWriters, isSame } from './snapshot-rules.ts'
import type { SpaceContext } from './space-context.ts'
import type { SpaceLog } from './space-log.ts'

/** A document as it will stand in a milestone. */
export interface Sealed {
  readonly listed: ListedDocument
  readonly parts: readonly (readonly [hash: Uint8Array, size: number])[]
  /** What its parts are read back against; not known when they are those of the last milestone. */
  readonly stateHash?: Uint8Array
  /** Group that has the parts. */
  readonly group: number
}

export interface SealInit {
  readonly context: SpaceContext
  readonly marks: EntryMarks
  readonly milestones: Milestones
}

/**
 * Seals a document as it is in the group that is being prepared. Nothing for an empty one; `differs` when others would not make the same
 * document of it.
 */
export async function sealDocument(
  { context, marks, milestones }: SealInit,
  batch: Batch,
  document: LoadedDocument,
  heads: ReadonlyMap<SpaceLog, readonly [seq: number, hash: Uint8Array]>
): Promise<Sealed | 'differs' | undefined> {
  const { crypto, id, me, membership, keys, commit, logs } = context
  /** What is held, and what stands behind it, is not in the document. */
  const appliedTo = (log: SpaceLog): number => {
    const end = Math.min(log.seq, context.quarantine.endOf(log.client)?.seq ?? log.seq)
    return Math.min(end, (marks.firstHeld(log.client, document.name) ?? end + 1) - 1)
  }
  const state = document.encode()
  const clocks = [...Y.decodeStateVector(Y.encodeStateVector(document.doc))].sort(([a], [b]) => a - b)
  if (clocks.length === 0) return undefined
  const beyond = [...logs]
    .filter(({ id }) => !isByWriters(context) || equals(id.twin, me.twin))
    .map(log => ({ log, seq: appliedTo(log) }))
    .filter(({ log, seq }) => seq > (heads.get(log)?.[0] ?? 0))
    .map(({ log, seq }) => [log.id.twin, log.id.device, seq] as const)
  const group = commit.group
  if (!isSame(state, document, clocks)) return 'differs'
  const epoch = membership.view!.epoch!.epoch
  const by = { twin: me.twin, device: me.device }
  const place = { space: id, by, epoch, document: document.name }
  const sealed = await sealParts(state, place, milestones.key(by, epoch)!, crypto)
  for (const part of sealed) batch.put(keys.parts + bytesToHex(part.hash), part.sealed)
  return {
    listed: { document: document.name, epoch, parts: sealed.length, clocks, beyond },
    parts: sealed.map(part => [part.hash, part.sealed.length] as const),
    stateHash: crypto.sha256(state),
    group
  }
}
