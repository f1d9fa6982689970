import type { KadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import type { Logger } from '../../protocols/core/index.ts'
import { PathKeeper } from '../../protocols/streams/index.ts'
import type { Limits } from '../limits.ts'
import { peerOf } from './bootstrap-addresses.ts'
import type { ByteBudget } from './byte-budget.ts'
import { Connector } from './connector.ts'
import { Finder } from './find.ts'
import { FirstPings } from './first-pings.ts'
import type { MeshServices } from './libp2p-config.ts'
import { OwnRecords } from './own-records.ts'
import { idToKey } from './peer-keys.ts'
import { Publisher } from './publisher.ts'
import { RelayKeeper } from './relay-keeper.ts'
import { RememberedRecords } from './remembered-records.ts'
import type { Trust } from './trust.ts'
import { TwinConnector } from './twin-connector.ts'

/** What a mesh is made over. */
export interface MeshGround {
  readonly node: Libp2p<MeshServices>
  /** The device's transport key, secret and public half, for its own records */
  readonly secret: Uint8Array
  readonly limits: Limits
  readonly budget: ByteBudget
  readonly bootstrap: readonly Multiaddr[]
  readonly publicBootstrap: readonly Multiaddr[]
  readonly trust: Trust
  /** Whether an address is one to dial */
  readonly mayDial: (address: Multiaddr) => boolean
  readonly log: Logger
  /** The process exits when the mesh has stopped */
  readonly endsWithProcess: boolean
  /** Closes what was opened for the mesh */
  /** Gives up the ports that are held for this node */
  readonly beforeListening: () => Promise<void>
  readonly close: () => Promise<void>
}

export type MeshParts = ReturnType<typeof assembleParts>

/** The parts of a mesh, each made with what it needs and no more. */
export function assembleParts(ground: MeshGround) {
  const { node, limits, bootstrap, log, secret, mayDial } = ground
  const { components } = node.services.inner
  const { dht, publicDht } = node.services
  const dhts: readonly KadDHT[] = publicDht === undefined ? [dht] : [dht, publicDht]
  const relayAddresses = new Map(bootstrap.map(address => [peerOf(address), address]))
  const fixed = new Set([...bootstrap, ...ground.publicBootstrap].map(peerOf))
  const ownAddresses = () => node.getMultiaddrs()
  const self = node.peerId.toString()
  const remembered = new RememberedRecords(components.datastore)
  const friends = () => node.getPeers().filter(peer => ground.trust.has(peer.toString()))
  const finder = new Finder({
    dhts,
    remembered,
    peerStore: node.peerStore,
    self: node.peerId,
    ownAddresses,
    isConnected: peer => node.getConnections(peer).length > 0,
    hasPeers: () => node.getPeers().length > 0,
    friends
  })
  const relays = () => [...relayAddresses.values()]
  const connector = new Connector({ components, finder, limits, mayDial, relays })
  const records = new OwnRecords({ remembered, key: idToKey(self), secret, addresses: ownAddresses })
  return {
    dhts,
    remembered,
    finder,
    connector,
    pings: new FirstPings(),
    twins: new TwinConnector({ finder, connector, self, isFixed: id => fixed.has(id) }),
    records,
    publisher: new Publisher({
      dhts,
      records,
      friends,
      onError: error => log.debug('Could not publish a record', error)
    }),
    paths: new PathKeeper({ connector, connections: peer => node.getConnections(peer) }),
    relays: new RelayKeeper(node, relayAddresses, error => log.debug('Could not reserve a place on a relay', error))
  }
}
