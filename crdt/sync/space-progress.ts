import { hexToBytes, type LogHead } from '../log/index.ts'
import type { Replica } from '../spaces/index.ts'
import { logKey } from './numbers.ts'
import type { SpaceFeed } from './space-feed.ts'
import type { SpaceOpenings } from './space-openings.ts'

/** How one space stands with one peer; what `twin doctor` reads. */
export interface SpaceProgress {
  readonly id: Uint8Array
  /** Both sides want it */
  readonly isShared: boolean
  /** The peer has sent all it had when we opened the space last */
  readonly isReceived: boolean
  /** All that was stored here when the peer opened the space last is sent */
  readonly isSent: boolean
  /** Entries that the peer has, by its own word, and this replica has not */
  readonly lacking: number
  /** Why the peer does not serve the space */
  readonly refusal: { readonly code: string; readonly text: string } | undefined
  /** Why the last of what the peer sent was not taken */
  readonly lastRefused: { readonly code: string; readonly reason: string } | undefined
}

/** How all spaces stand that either side has opened in a session. */
export function progressOf(
  replica: Pick<Replica, 'space'>,
  { ours, theirs, refusals }: SpaceOpenings,
  feeds: ReadonlyMap<string, SpaceFeed>
): SpaceProgress[] {
  return Array.from(new Set([...ours.keys(), ...theirs.keys()]), key => {
    const peer = theirs.get(key)
    const feed = feeds.get(key)
    return {
      id: hexToBytes(key),
      isShared: peer?.wants === true && ours.get(key)?.want === true,
      isReceived: peer?.isDone === true,
      isSent: feed?.isServing === true && !feed.hasMore,
      lacking: peer === undefined ? 0 : countLacking(peer.frontier, replica.space(peer.id)?.frontier() ?? []),
      refusal: refusals.get(key),
      lastRefused: peer?.lastRefused
    }
  })
}

/** Entries of one frontier that another lacks. */
function countLacking(theirs: readonly LogHead[], own: readonly LogHead[]): number {
  const held = new Map(own.map(([twin, device, seq]) => [logKey({ twin, device }), seq]))
  let lacking = 0
  for (const [twin, device, seq] of theirs) lacking += Math.max(0, seq - (held.get(logKey({ twin, device })) ?? 0))
  return lacking
}
