import type { Stream } from '@libp2p/interface'

/** Bytes that are kept for a stream outside of libp2p's own buffers, each part told by who keeps it. */
const holders = new WeakMap<Stream, (() => number)[]>()

/** What the carrier and the kernel hold for a stream: read and not yet pulled, sent and not yet taken. */
export function heldBytes(stream: Stream): number {
  let sum = 0
  for (const held of holders.get(stream) ?? []) sum += held()
  return sum
}

export function countHeld(stream: Stream, held: () => number): void {
  const known = holders.get(stream)
  if (known === undefined) holders.set(stream, [held])
  else known.push(held)
}
