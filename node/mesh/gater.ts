import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'
import { isNetworkAddress, isPrivate } from '@libp2p/utils'
import { CODE_P2P, type Multiaddr } from '@multiformats/multiaddr'
import { isNeverATwin, isWebrtcDirect } from '../../protocols/streams/index.ts'
import type { Limits } from '../limits.ts'
import type { Admission } from './admission.ts'

export interface GaterInit {
  readonly limits: Limits
  readonly admission: Admission
  /** Whether addresses of this peer are believed: our own devices, contacts, bootstrap nodes, neighbours of mDNS */
  readonly isTrusted: (peer: string) => boolean
  /** Whether this machine has a public address of its own */
  readonly isPublic: () => boolean
  /** Peers that are refused: revoked devices, blocked contacts */
  readonly isBanned: (peer: string) => boolean
  /** Whether one of them that has come is refused before a byte of it is read */
  readonly isShutOut: (peer: string) => boolean
  readonly connections: (peer: PeerId) => Connection[]
}

/**
 * Addresses come from strangers (DHT replies, identify), and a stranger may name somebody else's: a router, a
 * database on 127.0.0.1, a cloud's metadata service. What can never be a twin is never dialled. Private ranges are
 * dialled freely by a machine that is itself in one (home, office, loopback swarm); a machine with a public address
 * has no neighbours among strangers, so there only trusted peers' private addresses count.
 */
export function mayDial(
  address: Multiaddr,
  { isPublic, isTrusted }: Pick<GaterInit, 'isPublic' | 'isTrusted'>
): boolean {
  if (isNeverATwin(address)) return false
  if (!isPublic() || !isNetworkAddress(address) || !isPrivate(address)) return true
  const peer = address.getComponents().findLast(component => component.code === CODE_P2P)?.value
  return peer !== undefined && isTrusted(peer)
}

/** What libp2p asks before it dials by itself, and about whoever comes in. Our own dials ask `mayDial`. */
export function createGater(init: GaterInit): ConnectionGater {
  return {
    denyDialPeer: peer => init.isBanned(peer.toString()),
    // A peer that is gone costs 60 ms of CPU and five seconds at each of its WebRTC addresses, and a DHT query dials many
    // who are gone. TCP tells at once; who can be reached by WebRTC alone is dialled by the connector and has a relay
    denyDialMultiaddr: address => isWebrtcDirect(address) || !mayDial(address, init),
    denyInboundConnection: connection => !init.admission.begin(connection),
    denyInboundEncryptedConnection: peer => init.isShutOut(peer.toString()),
    denyOutboundEncryptedConnection: peer => init.isBanned(peer.toString()),
    denyInboundUpgradedConnection: (peer, connection) => {
      init.admission.finish(connection)
      return init.connections(peer).length >= init.limits.maxConnectionsPerPeer
    },
    denyInboundRelayedConnection: (_relay, peer) => init.isShutOut(peer.toString())
  }
}
