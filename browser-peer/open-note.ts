import type { LiveText } from '../crdt/spaces/index.ts'

/** A text in an editor of this page, whichever tab runs the peer. */
export type OpenText = Omit<LiveText, 'document'>

/** A note in an editor of this page. */
export interface OpenNote {
  readonly live: OpenText
  /** Whether somebody present, by their number in the awareness, is connected with this browser and not only through twins */
  isDirect(client: number): boolean
  /** Called when that may be another now */
  onPeers(listener: () => void): () => void
  close(): void
}
