import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { ServiceMap } from '@libp2p/interface'
import { type KadDHT, type KadDHTInit, kadDHT } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p, type Libp2pOptions } from 'libp2p'
import type { Field } from './mesh.fixture.ts'

interface DhtServices extends ServiceMap {
  readonly ping: Ping
  readonly dht: KadDHT
}

/** A DHT server that is not ours: plain libp2p with kad-dht as it comes. */
export async function dhtServer(
  field: Field,
  init: KadDHTInit,
  services: Partial<Libp2pOptions['services']> = {}
): Promise<Libp2p<DhtServices>> {
  const node = await createLibp2p<DhtServices>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1000 },
    services: {
      ...services,
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ clientMode: false, initialQuerySelfInterval: 50, ...init })
    }
  })
  field.later(async () => node.stop())
  return node
}
