import type { LoadedDocument } from '../documents/index.ts'
import { Adoption } from './adoption.ts'
import { Applier } from './applier.ts'
import { Attester } from './attester.ts'
import { Compactor } from './compactor.ts'
import { DocumentCache } from './document-cache.ts'
import { Durability } from './durability.ts'
import { EntryMarks } from './entry-marks.ts'
import { Holders } from './holders.ts'
import { Milestones } from './milestones.ts'
import { OtherHistories } from './other-history.ts'
import { OwnHistory } from './own-history.ts'
import { Receiver } from './receiver.ts'
import type { SpaceContext } from './space-context.ts'
import { SpaceCuts } from './space-cuts.ts'
import type { SpacePresence } from './space-presence.ts'
import type { SpacesContext } from './spaces-context.ts'
import { Writer } from './writer.ts'

/** A device that lacked something for so long gets a snapshot instead of the log. */
const absentMs = 30 * 86_400_000

/**
 * Who does what in a space. `SpaceLoading` fills the parts from the store, `SpaceCommits` has them take part in group commits, and
 * `SpaceDocuments` and `SpaceSync` bring them what people and peers ask for.
 */
export interface SpaceParts {
  readonly context: SpaceContext
  /** Own edits on their way into entries. */
  readonly writer: Writer
  /** Runs of others on their way in, verified here … */
  readonly receiver: Receiver
  /** … then opened, judged and applied to their documents. */
  readonly applier: Applier
  /** What came of entries that are not shown. */
  readonly marks: EntryMarks
  /** What removals and revocations take out. */
  readonly cuts: SpaceCuts
  /** Documents in memory. */
  readonly documents: DocumentCache
  /** Whether the own log is what others know of it. */
  readonly history: OwnHistory
  /** Logs of the own twin that were written twice. */
  readonly others: OtherHistories
  /** Who has signed to hold what. */
  readonly durability: Durability
  /** Signs that this device holds what it has stored. */
  readonly attester: Attester
  /** Snapshots in place of what logs had before. */
  readonly milestones: Milestones
  /** A milestone of somebody else on its way in. */
  readonly adoption: Adoption
  /** Makes milestones and shortens logs … */
  readonly compactor: Compactor
  /** … by nothing that somebody lacks. */
  readonly holders: Holders
}

/** @param onDirectEdit a transaction was made on a document that is in somebody's hands */
export function createParts(
  context: SpaceContext,
  { init, budget, ownHeads }: SpacesContext,
  presence: SpacePresence,
  onDirectEdit: (document: LoadedDocument, isShown: boolean) => void
): SpaceParts {
  const durability = new Durability(context)
  const marks = new EntryMarks(context.store, context.keys)
  const milestones = new Milestones(context)
  const others = new OtherHistories(context)
  const documents = new DocumentCache({ context, marks, milestones, budget, onDirectEdit })
  const sources = { context, documents, marks, milestones }
  const history = new OwnHistory(context, init.asksFirst !== true, ownHeads)
  const holders = new Holders(context, durability, init.absentMs ?? absentMs)
  const applier = new Applier(sources)
  const writer = new Writer(sources)
  return {
    ...sources,
    writer,
    receiver: new Receiver({ context, applier, others, history }),
    applier,
    cuts: new SpaceCuts({ ...sources, others, applier, writer }),
    history,
    others,
    durability,
    attester: new Attester({ context, durability, isTyped: () => documents.isEdited || presence.isAnybodyThere }),
    adoption: new Adoption(sources),
    compactor: new Compactor({ ...sources, holders, history }),
    holders
  }
}
