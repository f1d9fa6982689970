import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { classifyAddress, type PathClass, pathOf } from '../../protocols/streams/index.ts'
import type { Connector } from './connector.ts'

export interface MeshPeer {
  readonly peer: string
  readonly path: PathClass
  readonly address: string
  /** Round trip of the last ping, milliseconds; undefined until the first */
  readonly latencyMs: number | undefined
  /** Milliseconds since 1970 */
  readonly connectedAt: number
  readonly direction: 'inbound' | 'outbound'
}

export interface Reachability {
  /** `direct`: at a public address; `relayed`: through a relay; `local`: on this machine or network only */
  readonly state: 'direct' | 'relayed' | 'local' | 'unknown'
  readonly publicAddresses: string[]
  readonly relays: string[]
}

/** The best path to each connected peer. */
export function describePeers(peers: readonly PeerId[], connector: Connector): MeshPeer[] {
  return peers.flatMap(id => {
    const connection = connector.best(id)
    if (connection === undefined) return []
    const { remoteAddr, rtt, timeline, direction } = connection
    const address = remoteAddr.toString()
    const path = pathOf(connection)
    return [{ peer: id.toString(), path, address, latencyMs: rtt, connectedAt: timeline.open, direction }]
  })
}

/** How others get to us, judged by our own confirmed addresses. */
export function describeReachability(addresses: readonly Multiaddr[], hasPeers: boolean): Reachability {
  const ofClass = (path: PathClass) => addresses.filter(address => classifyAddress(address) === path).map(String)
  const [publicAddresses, relays] = [ofClass('public'), ofClass('relayed')]
  const state = publicAddresses.length > 0 ? 'direct' : relays.length > 0 ? 'relayed' : hasPeers ? 'local' : 'unknown'
  return { state, publicAddresses, relays }
}
