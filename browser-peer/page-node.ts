import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import type { Libp2p, PrivateKey, ServiceMap } from '@libp2p/interface'
import { type Ping, ping } from '@libp2p/ping'
import { webRTC, webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddrToUri } from '@multiformats/multiaddr-to-uri'
import { createLibp2p } from 'libp2p'
import {
  type Components,
  isNeverATwin,
  mendMuxer,
  mendWebSockets,
  refuseUnconnected
} from '../protocols/streams/index.ts'
import { limits } from './limits.ts'
import { pageNoise } from './page-noise.ts'
import { stunServers } from './stun-servers.ts'
import { mendWebrtcDials } from './webrtc-shim.ts'

interface PageServices extends ServiceMap {
  readonly ping: Ping
  /** In an object of its own: libp2p starts and stops whatever service looks startable, and this does */
  readonly inner: { readonly components: Components }
}

export type PageNode = Libp2p<PageServices>

export interface PageNodeInit {
  /** Whether an address may be dialled, beside what can never be a twin */
  readonly mayDial?: (address: string) => boolean
  /** Addresses of relays that the own nodes use; asked for each connection */
  readonly relays?: () => readonly string[]
}

/**
 * The libp2p node of a page: it dials, and is dialled over a relay or by WebRTC. It never runs the DHT; who wants to be found or to
 * find somebody asks the own twin. Started by whoever has registered what it answers to.
 */
export function createPageNode(privateKey: PrivateKey, init: PageNodeInit = {}): Promise<PageNode> {
  const { mayDial = () => true, relays = () => [] } = init
  mendWebrtcDials()
  const dataChannel = { maxBufferedAmount: limits.streamWriteBuffer }
  // Never the default: it asks STUN servers of third parties for every connection
  const direct = webRTCDirect({ rtcConfiguration: { iceServers: [] }, dataChannel })
  const punched = webRTC({ rtcConfiguration: () => ({ iceServers: stunServers(relays()) }), dataChannel })
  const muxer = yamux({
    maxInboundStreams: limits.maxStreamsPerConnection,
    maxOutboundStreams: limits.maxStreamsPerConnection,
    streamOptions: {
      maxStreamWindowSize: limits.streamWindow,
      maxReadBufferLength: limits.streamReadBuffer,
      maxWriteBufferLength: limits.streamWriteBuffer
    }
  })
  return createLibp2p<PageServices>({
    privateKey,
    start: false,
    addresses: { listen: ['/p2p-circuit', '/webrtc'] },
    // libp2p's own policy for browsers refuses plain WebSockets and private addresses: a twin at home has no others. What a page
    // may open is for the browser to say; what is never a twin is not dialled. Every dial asks here, also what libp2p dials by itself
    connectionGater: { denyDialMultiaddr: address => isNeverATwin(address) || !mayDial(address.toString()) },
    connectionManager: {
      maxConnections: limits.maxConnections,
      dialTimeout: limits.dialTimeoutMs,
      addressDialTimeout: limits.addressDialTimeoutMs,
      // Who is dialled again, and when, is decided by the keeper of the own nodes alone
      reconnectRetries: 0
    },
    connectionMonitor: { pingInterval: limits.pingEveryMs, pingTimeout: { minTimeout: limits.pingTimeoutMs } },
    transports: [
      mendWebSockets(webSockets({ maxBufferedAmount: limits.streamWriteBuffer }), { toUri: multiaddrToUri }),
      circuitRelayTransport(),
      direct,
      components => punched(refuseUnconnected(components))
    ],
    connectionEncrypters: [pageNoise()],
    streamMuxers: [() => mendMuxer(muxer())],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 4 }),
      inner: components => ({ components })
    }
  })
}
