import type { PeerId, PeerStore } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { pause } from '../../protocols/core/index.ts'
import { withPeer } from '../../protocols/streams/index.ts'
import { idToKey, keyToPeerId } from './peer-keys.ts'
import { type Payload, readPayload } from './read-payload.ts'
import { readRecord } from './read-record.ts'
import type { RememberedRecord, RememberedRecords } from './remembered-records.ts'
import { anySignal, quietController, withTimeout } from './signals.ts'

export interface FoundDevice {
  /** Peer id of the device */
  readonly device: string
  /** How it says it can be reached; hints */
  readonly addresses: string[]
  /** Signed head of its device list; counts only when `openNodeHead` of crdt/identity takes it */
  readonly head?: Uint8Array
}

export interface FoundTwin {
  readonly id: string
  readonly devices: FoundDevice[]
}

/** Neither the DHT nor anybody asked knows the id. */
export class TwinNotFoundError extends Error {
  override readonly name = 'TwinNotFoundError'
  readonly code = 'TwinNotFound'
}

export interface FinderInit {
  readonly dhts: readonly KadDHT[]
  readonly remembered: RememberedRecords
  readonly peerStore: PeerStore
  readonly self: PeerId
  readonly ownAddresses: () => Multiaddr[]
  readonly isConnected: (peer: PeerId) => boolean
  /** Whether there is anybody at all who could be asked */
  readonly hasPeers: () => boolean
  /** Connected peers that are trusted: they are asked before anybody else is found */
  readonly friends: () => readonly PeerId[]
}

/** How long looking may take when the caller sets no limit of its own */
const findTimeoutMs = 15_000
/** One device's record; a device that published nothing must not hold up the others */
const deviceTimeoutMs = 3000
/** Who came online this moment has published by then; for so long an empty answer is not the last word */
const publishedWithinMs = 5000
const lookAgainMs = 500

const notFound = 'No twin with this id was found: check the id, and that its twin has been online'
export const nobodyAsked = 'No other twin is connected to this one, so that nobody could be asked'

/** From a twin id to its devices, from a device to its addresses. */
export class Finder {
  readonly #init: FinderInit

  constructor(init: FinderInit) {
    this.#init = init
  }

  /**
   * Looks a twin up anew, again and again for 5 s while nothing is found; a remembered record is used where the DHT is
   * silent. Who is connected to nobody by then looks no longer. Throws `TwinNotFoundError`.
   */
  async find(id: string, options: { signal?: AbortSignal } = {}): Promise<FoundTwin> {
    const key = idToKey(id)
    const last = performance.now() + publishedWithinMs - lookAgainMs
    return await this.unlessAlone(withTimeout(findTimeoutMs, options.signal), async signal => {
      for (;;) {
        const found = await this.#look(id, key, signal)
        if (found !== undefined) return found
        if (signal.aborted || performance.now() > last) {
          throw new TwinNotFoundError(this.isAlone ? nobodyAsked : notFound)
        }
        await pause(lookAgainMs, signal)
      }
    })
  }

  /** Connected to nobody at all: whatever is asked for, nobody could answer. */
  get isAlone(): boolean {
    return !this.#init.hasPeers()
  }

  /** Looks with a signal that also ends it when this twin is alone after 5 s: kad-dht waits for its first peer as long as it may. */
  async unlessAlone<T>(signal: AbortSignal, look: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const alone = quietController()
    const timer = setTimeout(() => this.isAlone && alone.abort(), publishedWithinMs)
    try {
      return await look(anySignal(alone.signal, signal))
    } finally {
      clearTimeout(timer)
    }
  }

  /** The newest record under a key, told apart by kind. */
  async read(key: Uint8Array, signal: AbortSignal): Promise<Payload | undefined> {
    const { dhts, remembered, friends } = this.#init
    const record = await readRecord({ dhts, remembered, key, signal, friends: friends() })
    return record === undefined ? undefined : readPayload(record.payload)
  }

  /** What is remembered under a key, without asking anybody. */
  async recall(key: Uint8Array): Promise<Payload | undefined> {
    const record: RememberedRecord | undefined = await this.#init.remembered.get(key)
    return record === undefined ? undefined : readPayload(record.payload)
  }

  /** Addresses that need no network: those of the peer store and of the remembered node record. */
  async cachedAddresses(peer: PeerId): Promise<Multiaddr[]> {
    const stored = await this.#init.peerStore.get(peer).then(
      ({ addresses }) => addresses.map(address => address.multiaddr),
      () => []
    )
    const recalled = await this.#recallNode(peer).catch(() => undefined)
    return [...stored, ...parseAddresses(recalled?.node?.addrs ?? [])]
  }

  /** Addresses from the DHT: the device's own record. */
  async publishedAddresses(peer: PeerId, signal: AbortSignal): Promise<Multiaddr[]> {
    const found = await this.read(idToKey(peer.toString()), signal)
    return parseAddresses(found?.node?.addrs ?? [])
  }

  /** Throws where the id is not of an Ed25519 key: nothing is published under such a one. */
  async #recallNode(peer: PeerId): Promise<Payload | undefined> {
    return await this.recall(idToKey(peer.toString()))
  }

  async #look(id: string, key: Uint8Array, signal: AbortSignal): Promise<FoundTwin | undefined> {
    const known = await this.read(key, signal)
    if (known?.node !== undefined) {
      return { id: keyToPeerId(known.node.twin).toString(), devices: [await this.#device(key, signal)] }
    }
    if (known?.owner === undefined) return undefined
    return { id, devices: await Promise.all(known.owner.admins.map(admin => this.#device(admin, signal))) }
  }

  async #device(key: Uint8Array, signal: AbortSignal): Promise<FoundDevice> {
    const peer = keyToPeerId(key)
    const device = peer.toString()
    if (peer.equals(this.#init.self)) return { device, addresses: this.#init.ownAddresses().map(String) }
    // Whoever we are connected to has told us its addresses, signed, over that connection
    if (this.#init.isConnected(peer)) {
      const addresses = await this.cachedAddresses(peer)
      if (addresses.length > 0) return { device, addresses: unique(addresses, peer) }
    }
    const found = await this.read(key, withTimeout(deviceTimeoutMs, signal))
    const published = parseAddresses(found?.node?.addrs ?? [])
    const addresses = published.length > 0 ? published : await this.cachedAddresses(peer)
    return {
      device,
      addresses: unique(addresses, peer),
      ...(found?.node?.head === undefined ? {} : { head: found.node.head })
    }
  }
}

/** Each address once, with the peer id at its end. */
function unique(addresses: readonly Multiaddr[], peer: PeerId): string[] {
  return [...new Set(addresses.map(address => withPeer(address, peer).toString()))]
}

function parseAddresses(list: readonly Uint8Array[]): Multiaddr[] {
  return list.flatMap(bytes => {
    try {
      return [multiaddr(bytes)]
    } catch {
      return []
    }
  })
}
