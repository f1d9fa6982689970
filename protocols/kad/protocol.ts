import type { KadDHTInit } from '@libp2p/kad-dht'
import { passthroughMapper } from '@libp2p/kad-dht'
import { ipnsSelector } from 'ipns/selector'
import { ipnsValidator } from 'ipns/validator'

/** The DHT of the twins: Kademlia as libp2p specifies it, holding nothing but IPNS records. */
export const kadProtocol = '/twin/kad/1.0.0'

/** The DHT that IPFS nodes share; it takes our records unchanged, because they are IPNS records. */
export const publicKadProtocol = '/ipfs/kad/1.0.0'

/** What every server and client of a DHT that carries our records needs: the standard rules of IPNS. */
export const ipnsRules: Pick<KadDHTInit, 'validators' | 'selectors'> = {
  validators: { ipns: ipnsValidator },
  selectors: { ipns: ipnsSelector }
}

/** Settings of `/twin/kad/1.0.0`, the same in a twin and in a bootstrap node. */
export const kadSettings: KadDHTInit = {
  ...ipnsRules,
  protocol: kadProtocol,
  // A twin at home is a server too: it is reached by its relay or its neighbours when strangers cannot dial it
  clientMode: false,
  // The default mapper drops private addresses, so that a network without public ones finds nothing (LAN, loopback)
  peerInfoMapper: passthroughMapper,
  kBucketSize: 20,
  // 3 × 3 requests at once: with the defaults (10 × 10) a query in a small mesh asks everybody at the same time
  alpha: 3,
  disjointPaths: 3,
  // Queries wait for the first look at one's own neighbourhood; the default of 1 s is a second lost at every start
  initialQuerySelfInterval: 50
}
