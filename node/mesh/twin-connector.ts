import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Connector } from './connector.ts'
import { type Finder, nobodyAsked, TwinNotFoundError } from './find.ts'
import { idToKey, keyToPeerId } from './peer-keys.ts'
import type { Payload } from './read-payload.ts'

export interface TwinConnectorInit {
  readonly finder: Finder
  readonly connector: Connector
  /** Peer id of this device, which is never dialled */
  readonly self: string
  /** Peers that are known by address alone: bootstrap nodes */
  readonly isFixed: (id: string) => boolean
}

/** Connects to whatever an id names: a device, or any device of a twin. */
export class TwinConnector {
  readonly #init: TwinConnectorInit
  /** Devices of the twins that were looked at or met, by twin id */
  readonly #devices = new Map<string, ReadonlySet<string>>()

  constructor(init: TwinConnectorInit) {
    this.#init = init
  }

  /** The open connection to a device or to any device of a twin, the first that is found. */
  best(id: string): Connection | undefined {
    for (const device of [id, ...(this.#devices.get(id) ?? [])]) {
      const connection = this.#init.connector.best(peerIdFromString(device))
      if (connection !== undefined) return connection
    }
    return undefined
  }

  /** A device proved that it is this twin's: whoever wants the twin need not look it up any more. */
  learn(twin: string, device: string): void {
    const known = this.#devices.get(twin)
    if (known?.has(device) !== true) this.#devices.set(twin, new Set([...(known ?? []), device]))
  }

  /** Twins that have this device, of those that were looked at. */
  twinsWith(device: string): string[] {
    return [...this.#devices].filter(([, devices]) => devices.has(device)).map(([twin]) => twin)
  }

  /** Devices of a twin as last seen, without asking anybody; an id that is no known twin's stands for itself. */
  async devicesOf(id: string): Promise<string[]> {
    const recalled = await this.#resolve(id, key => this.#init.finder.recall(key)).catch(() => undefined)
    const devices = new Set([...(recalled ?? []), ...(this.#devices.get(id) ?? [])])
    return devices.size > 0 ? [...devices] : [id]
  }

  async connect(id: string, signal: AbortSignal): Promise<Connection> {
    const peer = peerIdFromString(id)
    const open = this.best(id)
    if (open !== undefined) return open
    // An id with addresses is a device; whether it has a record as well need not be waited for
    const { finder, connector, isFixed } = this.#init
    if (isFixed(id)) return await connector.connect(peer, { signal, isFixed: true })
    const cached = await finder.cachedAddresses(peer)
    const ways = [this.#connectByRecord(id, signal)]
    if (cached.length > 0) ways.push(connector.connect(peer, { signal }))
    return await first(ways)
  }

  async #connectByRecord(id: string, signal: AbortSignal): Promise<Connection> {
    const { finder, connector } = this.#init
    const recalled = await this.#resolve(id, key => finder.recall(key))
    if (recalled !== undefined) {
      const connection = await this.#connectAny(recalled, signal).catch(() => undefined)
      if (connection !== undefined) return connection
    }
    const read = (until: AbortSignal) => this.#resolve(id, key => finder.read(key, until))
    const found = (await finder.unlessAlone(signal, read)) ?? recalled
    if (found !== undefined) return await this.#connectAny(found, signal)
    if (finder.isAlone) throw new TwinNotFoundError(nobodyAsked)
    // No record under this id: a device that published none, or nobody
    return await connector.connect(peerIdFromString(id), { signal }).catch(cause => {
      throw new TwinNotFoundError('Nobody with this id was found: check the id, and that it is online', { cause })
    })
  }

  async #connectAny(devices: readonly string[], signal: AbortSignal): Promise<Connection> {
    const others = devices.filter(device => device !== this.#init.self)
    if (others.length === 0) throw new TwinNotFoundError('The twin has no other device to connect to')
    return await first(others.map(device => this.#init.connector.connect(peerIdFromString(device), { signal })))
  }

  async #resolve(id: string, read: (key: Uint8Array) => Promise<Payload | undefined>): Promise<string[] | undefined> {
    const known = await read(idToKey(id))
    if (known?.node !== undefined) return [id]
    if (known?.owner === undefined) return undefined
    const devices = known.owner.admins.map(admin => keyToPeerId(admin).toString())
    for (const device of devices) this.learn(id, device)
    return devices
  }
}

/** The first that succeeds; if none does, the reason of the first, which says more than that all were rejected. */
async function first<T>(attempts: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(attempts)
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  }
}
