import type { DocumentKind } from '../documents/index.ts'
import type { GroupCommit, Store } from '../store/index.ts'
import type { DocumentBudget } from './document-budget.ts'
import type { KeyKeeper } from './key-keeper.ts'
import type { SpaceWrites } from './open-space.ts'
import type { OwnHeads } from './own-heads.ts'
import type { SpaceTable } from './space-table.ts'
import type { SpaceLogger, SpacesInit } from './spaces.ts'
import type { SpacesNews } from './spaces-news.ts'
import type { Turns } from './turns.ts'

/** What the spaces of a device share, and those who make, open and change them. */
export interface SpacesContext {
  readonly init: SpacesInit
  readonly clock: () => number
  readonly log: SpaceLogger
  readonly store: Store
  readonly commit: GroupCommit
  readonly writes: SpaceWrites
  readonly budget: DocumentBudget
  readonly kinds: ReadonlyMap<string, DocumentKind>
  readonly spaces: SpaceTable
  readonly turns: Turns
  readonly keeper: KeyKeeper
  readonly ownHeads: OwnHeads
  readonly news: SpacesNews
}
