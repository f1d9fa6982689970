import type { LogHead } from '../log/index.ts'
import { logKey } from './numbers.ts'

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

/** Entries of one frontier that another lacks. */
export function countLacking(theirs: readonly LogHead[], own: readonly LogHead[]): number {
  const held = new Map(own.map(([twin, device, seq]) => [logKey({ twin, device }), seq]))
  let lacking = 0
  for (const [twin, device, seq] of theirs) lacking += Math.max(0, seq - (held.get(logKey({ twin, device })) ?? 0))
  return lacking
}
