import { autoNAT } from '@libp2p/autonat'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import { type ConnectionGater, FaultTolerance, type PeerId, type PrivateKey, type ServiceMap } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddrToUri } from '@multiformats/multiaddr-to-uri'
import type { Datastore } from 'interface-datastore'
import type { Libp2pOptions } from 'libp2p'
import { guardedKad, ipnsRules, kadSettings, publicKadProtocol } from '../../protocols/kad/index.ts'
import { type Components, mendWebSockets } from '../../protocols/streams/index.ts'
import type { Limits } from '../limits.ts'
import { type CertificateKeys, certificateKeys } from './certificate-keys.ts'
import { leavingDcutr } from './leaving-dcutr.ts'
import { quickNoise } from './quick-noise.ts'
import { quickYamux } from './quick-yamux.ts'

export interface MeshServices extends ServiceMap {
  readonly ping: Ping
  readonly dht: KadDHT
  readonly publicDht?: KadDHT
  /** In an object of its own: libp2p starts and stops whatever service looks startable, and this does */
  readonly inner: { readonly components: Components }
}

export interface ConfigInit {
  readonly privateKey: PrivateKey
  readonly datastore: Datastore
  readonly limits: Limits
  readonly gater: ConnectionGater
  readonly listen: string[]
  readonly announce: string[]
  /** Told of each twin on the local network; undefined leaves mDNS off */
  readonly onNeighbour: ((peer: PeerId) => void) | undefined
  readonly webrtc: boolean
  /** `stun:host:port` of our own bootstrap nodes; never anybody else's */
  readonly stun: () => string[]
  readonly publicDht: { readonly allowPrivate?: boolean } | undefined
}

const day = 86_400_000

/**
 * The relay transport asks every relay it meets for a place, finds it needs none, and thereby fails the request that
 * relay-keeper.ts makes at the same moment: requests to one peer are merged. So it is shown no peers.
 */
const noDiscovery = { has: () => true, add: () => {}, remove: () => {} }

/** Its own, so that the LAN's other libp2p applications are not dialled */
const mdnsServiceTag = '_twinmesh._udp.local'

export async function libp2pConfig(init: ConfigInit): Promise<Libp2pOptions<MeshServices>> {
  const { limits, datastore } = init
  const [webrtc, mdns] = await Promise.all([
    // A native module of 10 MB: loaded only when it is going to be used
    init.webrtc ? import('./webrtc-transports.ts') : undefined,
    init.onNeighbour === undefined ? undefined : import('@libp2p/mdns')
  ])
  return {
    privateKey: init.privateKey,
    datastore,
    start: false,
    addresses: { listen: init.listen, appendAnnounce: init.announce },
    transportManager: { faultTolerance: FaultTolerance.FATAL_ALL },
    connectionGater: init.gater,
    // Addresses and peers are kept for months: a twin that was off must find its contacts with everybody else gone
    peerStore: { maxAddressAge: 30 * day, maxPeerAge: 90 * day },
    connectionManager: {
      maxConnections: limits.maxConnections,
      // The admission gater counts by address and makes room; libp2p's own count would refuse the honest ones. Its
      // rate, 5 a second and address, would refuse the other twins of one machine or office
      maxIncomingPendingConnections: limits.maxPendingInbound * 2,
      inboundConnectionThreshold: limits.handshakesPerLoopback * 2,
      inboundUpgradeTimeout: limits.inboundUpgradeMs,
      inboundStreamProtocolNegotiationTimeout: limits.streamNegotiationMs,
      outboundStreamProtocolNegotiationTimeout: limits.streamNegotiationMs,
      dialTimeout: limits.dialTimeoutMs,
      addressDialTimeout: limits.addressDialTimeoutMs,
      maxPeerAddrsToDial: limits.maxAddressesPerPeer,
      maxParallelDials: limits.maxParallelDials,
      maxDialQueueLength: limits.maxDialQueue,
      // Who is dialled again, and when, is decided in keep-connected.ts alone; kad-dht and the relay tag peers
      // KEEP_ALIVE, which would dial them again behind its back
      reconnectRetries: 0
    },
    // A ping that takes 5 s, the least it would wait, is a busy machine and no reason to drop a connection
    connectionMonitor: { pingInterval: limits.pingEveryMs, pingTimeout: { minTimeout: limits.pingTimeoutMs } },
    transports: [
      tcp({ inboundSocketInactivityTimeout: limits.streamIdleMs, maxConnections: limits.maxConnections * 2 }),
      mendWebSockets(webSockets({ maxBufferedAmount: limits.streamWriteBuffer }), {
        toUri: multiaddrToUri,
        maxSockets: limits.maxConnections * 2,
        upgradeMs: limits.webSocketUpgradeMs
      }),
      circuitRelayTransport({ discoveryFilter: noDiscovery }),
      ...(webrtc?.webrtcTransports(init.stun, limits.streamWriteBuffer) ?? [])
    ],
    connectionEncrypters: [quickNoise()],
    streamMuxers: [
      quickYamux({
        maxInboundStreams: limits.maxStreamsPerConnection,
        maxOutboundStreams: limits.maxStreamsPerConnection,
        streamOptions: {
          // A window that grows past the read buffer (16 MiB against 4) makes a paused fast stream abort itself
          maxStreamWindowSize: limits.streamWindow,
          maxReadBufferLength: limits.streamReadBuffer,
          // Endless by default: a peer that never reads would take all memory
          maxWriteBufferLength: limits.streamWriteBuffer,
          inactivityTimeout: limits.streamIdleMs
        }
      })
    ],
    peerDiscovery: mdns === undefined ? [] : [discoverNeighbours(mdns.mdns, init.onNeighbour)],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      // kad-dht pings too, and with one stream at a time the second of two pings fails
      ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 4 }),
      autoNAT: autoNAT(),
      // Upgrades a relayed connection by dialling back; it leaves private addresses out, so that nothing of it happens on a LAN
      // (path-keeper.ts does that), and it cannot punch TCP: between two NATs the private WebRTC transport does
      dcutr: leavingDcutr(),
      dht: guardedKad(kadSettings, { maxRecords: limits.maxDhtRecords, maxBytes: limits.maxDhtBytes }),
      keychain: (): CertificateKeys => certificateKeys(datastore),
      inner: components => ({ components }),
      ...(init.publicDht === undefined ? {} : { publicDht: publicDht(init.publicDht) })
    }
  }
}

/** mDNS only says that somebody is there; it dials nobody, so whoever is told must. */
function discoverNeighbours(
  mdns: typeof import('@libp2p/mdns').mdns,
  onNeighbour: ConfigInit['onNeighbour']
): NonNullable<Libp2pOptions['peerDiscovery']>[number] {
  return components => {
    const discovery = mdns({ serviceTag: mdnsServiceTag })(components)
    discovery.addEventListener('peer', ({ detail }) => onNeighbour?.(detail.id))
    return discovery
  }
}

/** Only a client: twins ask and write there, and leave serving to the nodes of that network. */
function publicDht({ allowPrivate = false }: { readonly allowPrivate?: boolean }): ReturnType<typeof kadDHT> {
  return kadDHT({
    ...ipnsRules,
    protocol: publicKadProtocol,
    clientMode: true,
    peerInfoMapper: allowPrivate ? passthroughMapper : removePrivateAddressesMapper,
    initialQuerySelfInterval: 50,
    datastorePrefix: '/dht-public',
    logPrefix: 'libp2p:dht-public',
    metricsPrefix: 'libp2p_dht_public'
  })
}
