import { noise } from '@chainsafe/libp2p-noise'
import { autoNAT } from '@libp2p/autonat'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webRTC, webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { LevelDatastore } from 'datastore-level'
import { Level } from 'level'
import { createLibp2p } from 'libp2p'
import * as Y from 'yjs'

// A libp2p node with the modules of a twin and nothing of ours, bundled as the twin is: what starting must cost
const folder = process.argv[2]!
const datastore = new LevelDatastore(`${folder}/datastore`)
const db = new Level<string, Uint8Array>(`${folder}/store`, { valueEncoding: 'view' })
await Promise.all([datastore.open(), db.open()])
await db.put('state', Y.encodeStateAsUpdate(new Y.Doc()))
const node = await createLibp2p({
  datastore,
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/webrtc-direct'] },
  transports: [
    tcp(),
    webSockets(),
    circuitRelayTransport(),
    webRTC({ rtcConfiguration: { iceServers: [] } }),
    webRTCDirect({ rtcConfiguration: { iceServers: [] } })
  ],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: {
    identify: identify(),
    identifyPush: identifyPush(),
    ping: ping(),
    autoNAT: autoNAT(),
    dcutr: dcutr(),
    dht: kadDHT({ protocol: '/bench/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper })
  }
})
process.stdout.write(`${JSON.stringify({ addresses: node.getMultiaddrs().map(String) })}\n`)
