/** What one page may use and wait for. Sizes in bytes. */
export const limits = {
  maxConnections: 50,
  maxStreamsPerConnection: 256,
  /** A window that grows past the read buffer makes a paused fast stream abort itself */
  streamWindow: 1024 * 1024,
  streamReadBuffer: 4 * 1024 * 1024,
  streamWriteBuffer: 4 * 1024 * 1024,
  dialTimeoutMs: 15_000,
  /** Covers the two handshakes of a relayed dial over a slow mobile network */
  addressDialTimeoutMs: 8000,
  /** Direct paths by WebSocket have this long before WebRTC and relays are tried as well */
  headStartMs: 250,
  reconnectFirstMs: 500,
  reconnectMaxMs: 30_000,
  pingEveryMs: 20_000,
  pingTimeoutMs: 5000,
  /** A call to the twin waits this long for a connection after the last one was lost */
  reachWaitMs: 6000,
  /** A call to what answers in the page waits this long for the first copy of the twin's own space */
  firstCopyMs: 20_000,
  maxAddressesPerNode: 32,
  /** Browsers of others who write in the same texts, with whom a connection is kept */
  maxOtherPages: 16,
  /** Addresses of this page that are shown to them */
  maxPageAddresses: 4,
  /** Of two pages that see each other one dials this much earlier */
  pageHeadStartMs: 3000,
  /** Relays of the own nodes where this page takes a place while somebody writes with it */
  maxRelays: 2,
  /** Addresses of relays that are asked where this page is seen from, for each connection of WebRTC over a relay */
  maxStunServers: 4
} as const
