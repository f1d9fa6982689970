/**
 * Milestones: what the documents of a space are after everything up to certain heads, signed and sealed, so that what came before
 * need not be kept or sent (FORMATS §20).
 *
 * @packageDocumentation
 */
export { areSound, EntrySpans, endOf, seqAt } from './listed-entries.ts'
export {
  decodeMilestone,
  encodeMilestone,
  type ListedDocument,
  type Milestone,
  maxMilestoneBytes,
  openList,
  signMilestone,
  snapshotKey,
  verifyMilestone
} from './milestone.ts'
export { openPart, partBytes, partOverhead, type SealedPart, sealParts } from './part.ts'
