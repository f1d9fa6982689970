import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { autoNAT } from '@libp2p/autonat'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import type { PrivateKey } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { isPrivateIp } from '@libp2p/utils'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddrToUri } from '@multiformats/multiaddr-to-uri'
import { LevelDatastore } from 'datastore-level'
import { createLibp2p, type Libp2p } from 'libp2p'
import { cachePeers, guardedKad, kadSettings, type PeerCache } from '../protocols/kad/index.ts'
import { mendMuxer, mendWebSockets } from '../protocols/streams/index.ts'
import { AddressShares } from './address-shares.ts'
import { bootstrapLimits as limits } from './limits.ts'
import { claimPort, claimWsPort } from './listen-ports.ts'
import { loadOrCreateKey } from './node-key.ts'
import { serveMailbox } from './node-mailbox.ts'
import { StunServer } from './stun-server.ts'

export interface BootstrapInit {
  /** Folder of key and database; made if missing */
  readonly home: string
  /** TCP port, and UDP port for STUN; 0 takes a free one */
  readonly port?: number
  readonly host?: string
  /** Keep sealed parcels for twins that are off; default no */
  readonly mailbox?: boolean
}

export interface Bootstrap {
  readonly peer: string
  addresses(): string[]
  /** UDP port that answers STUN */
  readonly stunPort: number
  stop(): Promise<void>
}

/** Makes a meeting point: DHT server, relay, STUN server and, if wanted, mailbox. It holds signed records and sealed parcels. */
export async function createBootstrap(init: BootstrapInit): Promise<Bootstrap> {
  const { home, port = 4001, host = '0.0.0.0', mailbox = false } = init
  const privateKey = await loadOrCreateKey(home)
  const datastore = new LevelDatastore(join(home, 'db'))
  const cache = cachePeers(datastore)
  const stun = new StunServer()
  let stopMailbox = async () => {}
  try {
    await datastore.open().catch(cause => {
      throw new Error(`Cannot open ${home}: it is in use by another process`, { cause })
    })
    const claimed = await claimPort(host, port)
    const node = await createNode(
      privateKey,
      cache,
      listenAddresses(host, claimed, await claimWsPort(home, host, claimed))
    )
    const stunPort = await stun.listen(host, claimed)
    // Before it listens: whoever connects asks at once
    if (mailbox) stopMailbox = await serveMailbox(home, node, privateKey)
    await node.start()
    let stopped: Promise<void> | undefined
    return {
      peer: node.peerId.toString(),
      addresses: () => node.getMultiaddrs().map(String),
      stunPort,
      stop: async () => {
        stopped ??= stop(node, stun, cache, datastore, stopMailbox)
        await stopped
      }
    }
  } catch (error) {
    await stun.close()
    await stopMailbox().catch(() => {})
    await Promise.resolve(datastore.close()).catch(() => {})
    throw error
  }
}

async function createNode(privateKey: PrivateKey, { datastore }: PeerCache, listen: string[]): Promise<Libp2p> {
  const muxer = yamux({
    maxInboundStreams: limits.maxStreamsPerConnection,
    streamOptions: {
      maxStreamWindowSize: limits.streamWindow,
      maxReadBufferLength: limits.streamReadBuffer,
      maxWriteBufferLength: limits.streamWriteBuffer
    }
  })
  const node: Libp2p = await createLibp2p({
    privateKey,
    datastore,
    start: false,
    addresses: { listen, appendAnnounce: publicAddresses(listen) },
    connectionGater: new AddressShares({ limits, connections: () => node.getConnections() }),
    connectionManager: {
      maxConnections: limits.maxConnections,
      // The gater counts by address and makes room; libp2p's own count would refuse the honest ones
      maxIncomingPendingConnections: limits.maxPendingInbound * 2,
      inboundUpgradeTimeout: limits.inboundUpgradeMs,
      inboundConnectionThreshold: limits.handshakesPerAddress,
      // Whoever wants this node comes back by itself
      reconnectRetries: 0
    },
    connectionMonitor: { pingInterval: 30_000, pingTimeout: { minTimeout: 15_000 } },
    transports: [
      tcp({ maxConnections: limits.maxConnections * 2 }),
      mendWebSockets(webSockets(), {
        toUri: multiaddrToUri,
        maxSockets: limits.maxConnections * 2,
        upgradeMs: limits.webSocketUpgradeMs
      })
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [() => mendMuxer(muxer())],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 4 }),
      autoNAT: autoNAT(),
      dht: guardedKad(kadSettings, { maxRecords: limits.maxRecords, maxBytes: limits.maxRecordBytes }),
      relay: circuitRelayServer({
        maxInboundHopStreams: limits.maxRelayStreams,
        maxOutboundHopStreams: limits.maxRelayStreams,
        maxOutboundStopStreams: limits.maxRelayStreams,
        reservations: {
          maxReservations: limits.maxReservations,
          reservationTtl: limits.reservationTtlMs,
          // A relayed connection ends without an error when it passes these: twins move to a direct path before
          applyDefaultLimit: true,
          defaultDurationLimit: limits.relayDurationMs,
          defaultDataLimit: BigInt(limits.relayBytes)
        }
      })
    }
  })
  return node
}

function listenAddresses(host: string, port: number, wsPort: number): string[] {
  return [`/ip4/${host}/tcp/${port}`, `/ip4/${host}/tcp/${wsPort}/ws`]
}

/** Addresses of our own interfaces need nobody's confirmation; libp2p would wait for four peers to dial back. */
function publicAddresses(listen: readonly string[]): string[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ family, internal, address }) => family === 'IPv4' && !internal && isPrivateIp(address) === false)
    .flatMap(({ address }) =>
      listen.filter(text => text.includes('/0.0.0.0/')).map(text => text.replace('0.0.0.0', address))
    )
}

async function stop(
  node: Libp2p,
  stun: StunServer,
  cache: PeerCache,
  datastore: LevelDatastore,
  stopMailbox: () => Promise<void>
): Promise<void> {
  await stun.close()
  await stopMailbox()
  await node.stop()
  await cache.flush()
  await datastore.close()
}
