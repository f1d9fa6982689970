/** What a bootstrap node gives to strangers, and no more. Sizes are bytes, times milliseconds. */
export const bootstrapLimits = {
  /** A meeting point holds many short connections; 91 KiB each */
  maxConnections: 1000,
  /** Sockets that have not finished the handshake; with the default of 10, ten idle sockets shut everybody out */
  maxPendingInbound: 200,
  /** A handshake takes 20 ms of CPU and five round trips; longer is a slow loris */
  inboundUpgradeMs: 2500,
  /** Handshakes a second and address: an office or a machine with many twins comes from one */
  handshakesPerAddress: 100,
  maxStreamsPerConnection: 128,
  /** The default of 16 MiB lets a paused stream abort itself */
  streamWindow: 1 << 20,
  streamReadBuffer: 2 << 20,
  /** Endless by default: a peer that never reads would take all memory */
  streamWriteBuffer: 4 << 20,
  /** Twins that can be reached through this node at once */
  maxReservations: 500,
  reservationTtlMs: 2 * 60 * 60_000,
  /** One relayed connection: enough to talk until a direct path stands, too little to move a film */
  relayDurationMs: 10 * 60_000,
  relayBytes: 16n << 20n,
  /** Relayed connections opened at once, over all */
  maxRelayStreams: 500,
  /** Records of twins: two each, about 1 KiB */
  maxRecords: 100_000,
  maxRecordBytes: 256 << 20,
  /** Binding requests answered a second and address; a client sends one, a NAT test four */
  stunPerAddress: 20,
  /** Addresses whose rate is remembered */
  stunAddresses: 4096
} as const
