import { type MailboxLimit, mailboxLimitTable } from '../protocols/mailbox/index.ts'

export interface BootstrapLimit {
  readonly value: number
  readonly unit:
    | 'connections'
    | 'streams'
    | 'records'
    | 'twins'
    | 'addresses'
    | 'calls'
    | 'bytes'
    | 'ms'
    | 'a second'
    | MailboxLimit['unit']
  readonly reason: string
}

/** What a bootstrap node gives to strangers, and no more; `twin-bootstrap --limits` prints it. */
export const bootstrapLimitTable = {
  maxConnections: limit(1000, 'connections', 'A meeting point holds many short ones; 91 KiB each'),
  maxConnectionsPerPeer: limit(8, 'connections', 'Both sides may dial at once, over TCP and WebSocket'),
  maxConnectionsPerAddress: limit(
    250,
    'connections',
    'A quarter of all; an office has fewer, and the twins of this machine are not counted'
  ),
  maxPendingInbound: limit(
    200,
    'connections',
    'Sockets that have not finished the handshake; with the default of 10, ten idle sockets shut everybody out'
  ),
  maxPendingPerAddress: limit(64, 'connections', 'Beyond, the oldest unfinished socket of that address makes room'),
  inboundUpgradeMs: limit(2500, 'ms', 'A handshake takes 20 ms of CPU and five round trips; longer is a slow loris'),
  handshakesPerAddress: limit(100, 'a second', 'An office or a machine with many twins comes from one address'),
  webSocketUpgradeMs: limit(10_000, 'ms', 'From a TCP connection to its request to become a WebSocket'),
  maxStreamsPerConnection: limit(128, 'streams', 'Requests of one peer to the DHT, the relay and the rest'),
  streamWindow: limit(1 << 20, 'bytes', 'The default of 16 MiB lets a paused stream abort itself'),
  streamReadBuffer: limit(2 << 20, 'bytes', 'Twice the window, so that an honest peer can never overflow it'),
  streamWriteBuffer: limit(4 << 20, 'bytes', 'Endless by default: a peer that never reads would take all memory'),
  maxReservations: limit(500, 'twins', 'That can be reached through this node at once'),
  reservationTtlMs: limit(2 * 60 * 60_000, 'ms', 'After which a twin asks for its place again'),
  relayDurationMs: limit(10 * 60_000, 'ms', 'One relayed connection: enough to talk until a direct path stands'),
  relayBytes: limit(16 << 20, 'bytes', 'One relayed connection: too little to move a film'),
  maxRelayStreams: limit(500, 'streams', 'Relayed connections opened at once, over all'),
  maxRecords: limit(100_000, 'records', 'Of twins, two each, about 1 KiB'),
  maxRecordBytes: limit(256 << 20, 'bytes', 'Those records on disk'),
  stunPerAddress: limit(20, 'a second', 'Binding requests answered; a client sends one, a NAT test four'),
  stunAddresses: limit(4096, 'addresses', 'Whose rate is remembered'),
  callsPerPeer: limit(200, 'a second', 'Calls of one peer to the mailbox, all methods together'),
  ...mailboxLimitTable,
  mailboxBoxes: limit(4096, 'boxes', 'Devices that keep a box here; an empty one that was left makes room'),
  mailboxBytes: limit(4 * 1024 ** 3, 'bytes', 'Parcels of all boxes on disk'),
  mailboxBoxBytes: limit(16 << 20, 'bytes', 'Parcels in one box: strangers are served, and none of them much'),
  mailboxTokenBytes: limit(8 << 20, 'bytes', 'In one box by one token: one contact cannot fill it for the others')
} as const satisfies Record<string, BootstrapLimit>

export type BootstrapLimits = Readonly<Record<keyof typeof bootstrapLimitTable, number>>

/** The numbers alone, by name. */
export const bootstrapLimits = Object.fromEntries(
  Object.entries(bootstrapLimitTable).map(([name, { value }]) => [name, value])
) as BootstrapLimits // has every name of the table

function limit(value: number, unit: BootstrapLimit['unit'], reason: string): BootstrapLimit {
  return { value, unit, reason }
}
