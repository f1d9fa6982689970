import { join } from 'node:path'
import type { PeerId } from '@libp2p/interface'
import { LevelDatastore } from 'datastore-level'
import { type Datastore, Key } from 'interface-datastore'
import { createLibp2p, type Libp2p } from 'libp2p'
import { type Logger, silentLogger } from '../../protocols/core/index.ts'
import { cachePeers } from '../../protocols/kad/index.ts'
import { stunOf } from '../../protocols/streams/index.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import { Admission, addressGroup } from './admission.ts'
import { parseBootstrap } from './bootstrap-addresses.ts'
import { ByteBudget } from './byte-budget.ts'
import { type HeldPort, holdPort, holdWsPort } from './free-ports.ts'
import { createGater, mayDial } from './gater.ts'
import { libp2pConfig, type MeshServices } from './libp2p-config.ts'
import { Mesh } from './mesh.ts'
import { publicInterfaceAddresses } from './own-addresses.ts'
import { transportKeyFromSecret } from './transport-key.ts'
import { Trust } from './trust.ts'

export interface MeshInit {
  /** 32 secret bytes of the device's Ed25519 transport key */
  readonly transportKey: Uint8Array
  /** Folder of the twin; the mesh keeps its database in `mesh/` inside. Not needed with `datastore` */
  readonly home?: string
  /** TCP port, and UDP port for WebRTC; undefined takes a free one and remembers it, 0 any free one */
  readonly port?: number
  /** Address to listen on; all of them by default */
  readonly host?: string
  /** Replaces what follows from `host` and `port`; an empty list listens nowhere but on relays */
  readonly listen?: string[]
  /** Addresses of bootstrap nodes, each ending in /p2p/ and the peer id */
  readonly bootstrap?: readonly string[]
  readonly mdns?: boolean
  readonly webrtc?: boolean
  /** Join the DHT of IPFS too, through these nodes */
  readonly publicDht?: { readonly bootstrap: readonly string[]; readonly allowPrivate?: boolean }
  readonly limits?: Limits
  /** Shared with the rest of the process, so that all buffers are counted in one sum */
  readonly budget?: ByteBudget
  readonly log?: Logger
  /** The process exits when the mesh has stopped; see end-webrtc.ts */
  readonly endsWithProcess?: boolean
  readonly datastore?: Datastore
}

const portKey = new Key('/twin/port/tcp')
const wsPortKey = new Key('/twin/port/ws')

/** Makes the mesh of a device and listens. Throws `PortTakenError` when the port is in use. */
export async function createMesh(init: MeshInit): Promise<Mesh> {
  const mesh = await makeMesh(init)
  try {
    await mesh.start()
    return mesh
  } catch (error) {
    await mesh.stop()
    throw error
  }
}

/**
 * The same before it listens: whoever connects asks at once what is served here, so handlers are registered first, then
 * `start` is called.
 */
export async function makeMesh(init: MeshInit): Promise<Mesh> {
  const { limits = defaultLimits, log = silentLogger, host = '0.0.0.0', webrtc = true, mdns = true } = init
  const bootstrap = parseBootstrap(init.bootstrap ?? [])
  const privateKey = transportKeyFromSecret(init.transportKey)
  const publicBootstrap = parseBootstrap(init.publicDht?.bootstrap ?? [])
  const opened = await openDatastore(init)
  const held: HeldPort[] = []
  const release = async () => {
    await Promise.all(held.splice(0).map(port => port.release()))
  }
  try {
    const { datastore } = opened
    const cache = cachePeers(datastore)
    const listen =
      init.listen ?? listenAddresses(host, await holdPorts(datastore, host, init.port, webrtc, held), webrtc)
    const trust = new Trust()
    let node: Libp2p<MeshServices> | undefined
    let mesh: Mesh | undefined
    const connections = (peer?: PeerId) => node?.getConnections(peer) ?? []
    const admission = new Admission({
      limits,
      isKnown: group =>
        connections().some(
          ({ remotePeer, remoteAddr }) => trust.has(remotePeer.toString()) && addressGroup(remoteAddr) === group
        )
    })
    const publicAddresses = host === '0.0.0.0' ? publicInterfaceAddresses() : []
    const believed = { isTrusted: (peer: string) => trust.has(peer), isPublic: () => publicAddresses.length > 0 }
    const isBanned = (peer: string) => trust.isBanned(peer)
    const isShutOut = (peer: string) => trust.isShutOut(peer)
    const gater = createGater({ limits, admission, ...believed, isBanned, isShutOut, connections })
    node = await createLibp2p(
      await libp2pConfig({
        privateKey,
        datastore: cache.datastore,
        limits,
        gater,
        listen,
        announce: announceAddresses(listen, publicAddresses),
        onNeighbour: mdns ? peer => mesh?.meet(peer) : undefined,
        webrtc,
        stun: () => bootstrap.flatMap(stunOf),
        publicDht: init.publicDht
      })
    )
    const budget = init.budget ?? new ByteBudget(limits.byteBudget)
    mesh = new Mesh({
      node,
      secret: privateKey.raw,
      limits,
      budget,
      bootstrap,
      publicBootstrap,
      trust,
      mayDial: address => mayDial(address, believed),
      log,
      endsWithProcess: init.endsWithProcess ?? false,
      beforeListening: release,
      close: async () => {
        await release()
        await cache.flush()
        await opened.close()
      }
    })
    return mesh
  } catch (error) {
    await release()
    await opened.close()
    throw error
  }
}

async function openDatastore(init: MeshInit): Promise<{ datastore: Datastore; close: () => Promise<void> }> {
  if (init.datastore !== undefined) return { datastore: init.datastore, close: async () => {} }
  if (init.home === undefined) throw new TypeError('A mesh needs a home or a datastore')
  const level = new LevelDatastore(join(init.home, 'mesh'))
  try {
    await level.open()
  } catch (cause) {
    throw new Error('Cannot open the network database: the home is in use by another process', { cause })
  }
  let closed: Promise<void> | undefined
  return {
    datastore: level,
    close: async () => {
      closed ??= Promise.resolve(level.close())
      await closed
    }
  }
}

interface Ports {
  readonly tcp: number
  readonly ws: number
}

/** Chooses the ports and remembers them; whatever is held is in `held`, also when this fails. */
async function holdPorts(
  datastore: Datastore,
  host: string,
  wanted: number | undefined,
  webrtc: boolean,
  held: HeldPort[]
): Promise<Ports> {
  // Others know it: a main port that is chosen anew keeps away from it
  const wsPort = await readPort(datastore, wsPortKey)
  const tcp = await holdMainPort(datastore, host, wanted, webrtc, wsPort)
  held.push(tcp)
  const ws = await holdWsPort(host, tcp.port, wsPort)
  held.push(ws)
  if (wanted === undefined) await writePort(datastore, portKey, tcp.port)
  await writePort(datastore, wsPortKey, ws.port)
  return { tcp: tcp.port, ws: ws.port }
}

async function holdMainPort(
  datastore: Datastore,
  host: string,
  wanted: number | undefined,
  webrtc: boolean,
  wsPort: number | undefined
): Promise<HeldPort> {
  if (wanted !== undefined) return await holdPort(host, wanted, webrtc, wsPort)
  const remembered = await readPort(datastore, portKey)
  return await holdPort(host, remembered ?? 0, webrtc, wsPort).catch(() => holdPort(host, 0, webrtc, wsPort))
}

function listenAddresses(host: string, { tcp, ws }: Ports, webrtc: boolean): string[] {
  const ip = host.includes(':') ? `/ip6/${host}` : `/ip4/${host}`
  const addresses = [`${ip}/tcp/${tcp}`, `${ip}/tcp/${ws}/ws`]
  return webrtc ? [...addresses, `${ip}/udp/${tcp}/webrtc-direct`, '/webrtc'] : addresses
}

/** An address on our own interface is ours: it need not wait for others to confirm it, which a small mesh never does. */
function announceAddresses(listen: readonly string[], publicAddresses: readonly string[]): string[] {
  return publicAddresses.flatMap(address =>
    listen.filter(text => text.startsWith('/ip4/0.0.0.0/')).map(text => text.replace('0.0.0.0', address))
  )
}

async function readPort(datastore: Datastore, key: Key): Promise<number | undefined> {
  try {
    const port = Number(new TextDecoder().decode(await datastore.get(key)))
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
  } catch {
    return undefined
  }
}

async function writePort(datastore: Datastore, key: Key, port: number): Promise<void> {
  await datastore.put(key, new TextEncoder().encode(String(port)))
}
