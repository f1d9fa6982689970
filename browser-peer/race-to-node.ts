import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { dialAddress, PathRace } from '../protocols/streams/index.ts'
import { limits } from './limits.ts'
import type { PageNode } from './page-node.ts'

export interface RaceToNodeInit {
  readonly node: PageNode
  readonly peer: PeerId
  readonly addresses: Iterable<string>
  readonly signal: AbortSignal
}

/**
 * Dials the addresses of a node side by side and keeps the first direct connection that stands, else a relayed one.
 *
 * @throws {NoPathError}
 */
export async function raceToNode({ node, peer, addresses, signal }: RaceToNodeInit): Promise<Connection> {
  const { components } = node.services.inner
  const race = new PathRace({
    signal,
    headStartMs: limits.headStartMs,
    dial: (address, aborted) =>
      dialAddress(components, peer, address, {
        signal: aborted,
        timeoutMs: limits.addressDialTimeoutMs,
        mayDial: async found => (await components.connectionGater.denyDialMultiaddr?.(found)) !== true
      })
  })
  const known = [...addresses].map(text => multiaddr(text))
  race.add(known.filter(address => components.transportManager.dialTransportForMultiaddr(address) !== undefined))
  race.close()
  return await race.winner()
}

/** The node that an address leads to: the last peer id in it. */
export function nodeOf(address: string): string | undefined {
  try {
    const last = multiaddr(address).getComponents().at(-1)
    return last?.name === 'p2p' ? last.value : undefined
  } catch {
    return undefined
  }
}
