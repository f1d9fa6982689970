import type { ServerInit } from '../protocols/core/index.ts'

/**
 * Every limit of a running twin, in one table. libp2p's configuration, the connection gater, the DHT and the kernel
 * take their numbers from here; `twin limits` prints it.
 */
export interface Limit {
  readonly value: number
  readonly unit: 'connections' | 'streams' | 'records' | 'addresses' | 'dials' | 'bytes' | 'ms' | 'a second'
  /** Why this number: what it protects, and what honest use needs */
  readonly reason: string
}

export type LimitName = keyof typeof limitTable

/** The numbers alone, by name. */
export type Limits = Readonly<Record<LimitName, number>>

const KiB = 1024
const MiB = 1024 * KiB

export const limitTable = {
  maxConnections: limit(
    300,
    'connections',
    'About 91 KiB and a ping each: 30 MiB; beyond, the least valued are closed'
  ),
  maxConnectionsPerPeer: limit(
    8,
    'connections',
    'Both sides may dial at once over TCP, WebSocket and WebRTC, and hold a relayed one'
  ),
  maxPendingInbound: limit(
    200,
    'connections',
    'Sockets that have not finished the handshake; with 10, ten idle sockets shut everybody out'
  ),
  maxPendingPerAddress: limit(
    64,
    'connections',
    'Beyond, the oldest unfinished socket of that address makes room, so a flood evicts itself'
  ),
  inboundUpgradeMs: limit(2500, 'ms', 'A handshake takes 20 ms and five round trips; longer is a slow loris'),
  webSocketUpgradeMs: limit(
    10_000,
    'ms',
    'From a TCP connection to its request to become a WebSocket; sockets that say nothing are closed then'
  ),
  handshakesPerAddress: limit(
    10,
    'a second',
    'A handshake costs 10 ms of CPU; an office behind one address stays below'
  ),
  handshakesPerLoopback: limit(
    200,
    'a second',
    'Many twins on one machine share 127.0.0.1, and whoever is on it needs no network to do harm'
  ),
  handshakesFromStrangers: limit(
    60,
    'a second',
    'All unknown addresses together: 0.6 s of CPU a second, so that contacts still connect'
  ),
  dialTimeoutMs: limit(10_000, 'ms', 'All addresses of one peer'),
  addressDialTimeoutMs: limit(5000, 'ms', 'One address: two retransmissions of a SYN'),
  maxAddressesPerPeer: limit(16, 'addresses', 'A node record holds as many; more is a list of victims to dial'),
  maxParallelDials: limit(32, 'dials', 'Dials at once, over all peers'),
  maxDialQueue: limit(200, 'dials', 'A DHT reply can name hundreds of peers'),
  maxStreamsPerConnection: limit(128, 'streams', 'Sessions, subscriptions and DHT requests of one peer'),
  streamWindow: limit(
    1 * MiB,
    'bytes',
    'Bandwidth × delay of 80 Mbit/s at 100 ms; the default of 16 MiB lets a paused stream abort itself'
  ),
  streamReadBuffer: limit(2 * MiB, 'bytes', 'Twice the window, so that an honest peer can never overflow it'),
  streamWriteBuffer: limit(
    4 * MiB,
    'bytes',
    'Unsent bytes of one stream; the default is endless and a slow reader fills the memory'
  ),
  streamNegotiationMs: limit(5000, 'ms', 'Opening a stream is two round trips'),
  streamIdleMs: limit(120_000, 'ms', 'Twice the 60 s for which common NATs keep an idle mapping'),
  maxFrame: limit(
    1 * MiB + 64 * KiB,
    'bytes',
    'A run of a log is 1 MiB at most (crdt/FORMATS.md §7), plus its envelope; no contract with longer ones is served'
  ),
  callsPerPeer: limit(
    200,
    'a second',
    'All protocols of one contact or stranger together, three seconds of it at once; each contract has a rate of its own'
  ),
  byteBudget: limit(
    256 * MiB,
    'bytes',
    'Unread and unsent bytes of all streams, queues of the kernel included, seen four times a second; beyond, the stream that holds most is reset. A message that is half read or being answered has limits of its own and is not counted'
  ),
  maxDhtRecords: limit(20_000, 'records', 'Records kept for others; a full store keeps those closest to this node'),
  maxDhtBytes: limit(64 * MiB, 'bytes', 'Bytes of those records on disk, 3 KiB each'),
  pingEveryMs: limit(
    30_000,
    'ms',
    'Finds dead connections and measures latency; each ping opens a stream (3 ms of CPU)'
  ),
  pingTimeoutMs: limit(
    15_000,
    'ms',
    'A connection whose ping takes longer is given up; a busy machine answers within seconds'
  ),
  reconnectFirstMs: limit(500, 'ms', 'First pause before a contact is dialled again; doubles each time, with jitter'),
  reconnectMaxMs: limit(
    300_000,
    'ms',
    'Longest pause: a contact that comes back is found within five minutes, mostly sooner by its own dial'
  )
} as const satisfies Record<string, Limit>

export const defaultLimits: Limits = withLimits({})

/** The table's numbers with some replaced; each must be a positive whole number. */
export function withLimits(changes: Partial<Limits>): Limits {
  const limits: Record<string, number> = {}
  for (const [name, { value }] of Object.entries(limitTable)) limits[name] = value
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(limitTable, name)) throw new RangeError(`There is no limit named ${name}`)
    if (!Number.isSafeInteger(value) || value <= 0)
      throw new RangeError(`Limit ${name} must be a positive integer, got ${value}`)
    limits[name] = value
  }
  // Every name of the table was set above
  return Object.freeze(limits) as Limits
}

/** What a server of calls takes from the table. */
export function serverLimits({ maxFrame, callsPerPeer }: Limits): Pick<ServerInit, 'maxFrame' | 'callsPerPeer'> {
  const seconds = 3
  return { maxFrame, callsPerPeer: { points: callsPerPeer * seconds, durationMs: 1000 * seconds } }
}

/** Rows for `twin limits`, in the table's order. */
export function limitRows(limits: Limits = defaultLimits): (Limit & { readonly name: LimitName })[] {
  return Object.entries(limitTable).map(([key, row]) => {
    const name = key as LimitName // keys of the table are its names
    return { name, ...row, value: limits[name] }
  })
}

function limit(value: number, unit: Limit['unit'], reason: string): Limit {
  return { value, unit, reason }
}
