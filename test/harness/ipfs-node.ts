// A node of the public DHT as anybody runs it: plain libp2p with kad-dht, the standard protocol, and the standard validator and
// selector of IPNS records. Prints one line of JSON with its addresses. Arguments: ADDRESS [ADDRESS_OF_ANOTHER]
import 'twinmesh/node20-shim'
import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { ipnsSelector } from 'ipns/selector'
import { ipnsValidator } from 'ipns/validator'
import { createLibp2p } from 'libp2p'

const [listen, other] = process.argv.slice(2)
const node = await createLibp2p({
  // Without AutoNAT nobody confirms a public address to it: it is said
  addresses: { listen: [listen!], announce: [listen!] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: {
    identify: identify(),
    ping: ping(),
    dht: kadDHT({
      protocol: '/ipfs/kad/1.0.0',
      clientMode: false,
      validators: { ipns: ipnsValidator },
      selectors: { ipns: ipnsSelector }
    })
  }
})
if (other !== undefined) await node.dial(multiaddr(other))
console.log(JSON.stringify({ peer: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) }))
process.once('SIGTERM', () => process.exit(0))
