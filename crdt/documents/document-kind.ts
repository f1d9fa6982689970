import type * as Y from 'yjs'
import type { RootKind } from '../gate/index.ts'

export type SpaceKind = 'self' | 'direct' | 'group' | 'shared'

/** Who wrote what a transaction changed. */
export interface EntryInfo {
  /** Number of the author in the space's membership. */
  readonly member: number
  readonly device: number
  readonly seq: number
  /** What the author's clock said (ms), for display only. */
  readonly time: number
  /** "" = the owner, else the experience that acted. */
  readonly origin: string
  /** Of a snapshot, which is what many entries made: the one that the item of a Yjs client at a clock came with. */
  readonly entryOf?: (client: number, clock: number) => { readonly device: number; readonly seq: number }
}

/** A row of the local index, under `i/<space>/<kind>/<key>`. Without a value the row is removed. */
export interface IndexRow {
  readonly key: string
  readonly value?: Uint8Array
  /** Handed to listeners of `rows` after the batch was synced; never stored. */
  readonly detail?: unknown
}

/** What a kind may know about the space when it names a document's writer: nothing that documents say. */
export interface SpaceFacts {
  readonly id: Uint8Array
  readonly kind: SpaceKind
  /** Names the rules of the space; empty for those of its kind */
  readonly policy: string
  readonly name: string
  readonly decider: Uint8Array
  numberOf(twin: Uint8Array): number | undefined
}

/**
 * Called once for each transaction of a document, own or received, in the order they are applied. Rows must follow from the
 * document alone, whatever order concurrent entries arrive in: live, reloaded and recomputed rows are compared.
 */
export type Projection = (transaction: Y.Transaction, entry: EntryInfo) => Iterable<IndexRow>

/** What a capability registers to keep documents of its own: `kind` is the first part of their names, before the first '/'. */
export interface DocumentKind {
  readonly kind: string
  readonly spaces: readonly SpaceKind[]
  /** The top-level types of the document; the gate refuses others. */
  readonly roots: Readonly<Record<string, RootKind>>
  /** The only member that may write the document, all that may write in the space, or nobody (no such document). */
  writer(document: string, space: SpaceFacts): number | 'members' | undefined
  /** An edit may take several entries, because no row names the entry that it comes from. */
  readonly spansEntries?: boolean
  /**
   * Why what was typed in an editor may not stand, in a sentence for the owner; called after each of its transactions. What it says
   * something about is taken back, so that nothing goes out that the gate of others would refuse.
   */
  refuses?(transaction: Y.Transaction): string | undefined
  /** The rows follow from the state alone, whatever entries made it: a snapshot may take their place. */
  readonly isProjectedFromState?: boolean
  /**
   * The rows follow from the state and from which entry each item came with (`EntryInfo.entryOf`): where the document has one writer,
   * the writer's snapshot may take the place of the entries.
   */
  readonly isProjectedFromItems?: boolean
  /** Grows when `project` gives other rows than before: indexes that an older one wrote are written anew. Default 1. */
  readonly projection?: number
  /** Called when a document was loaded; attach to `doc` what the projection keeps in memory. */
  project?(doc: Y.Doc, document: string): Projection
}
