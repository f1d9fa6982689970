/** What one caller may cost. Sizes are bytes, times milliseconds. */
export interface ProtocolLimits {
  /** Encoded bytes of one frame, envelope included */
  readonly maxMessageSize: number
  /** Streams a peer may hold open at once, per connection and protocol */
  readonly maxInboundStreams: number
  /** Token bucket per caller and protocol: `points` calls at once, refilled evenly over `durationMs` */
  readonly rate: { readonly points: number; readonly durationMs: number }
  /** Longest time a unary call may run; a caller may ask for less, never for more */
  readonly timeoutMs: number
  /** Silence after which a stream is given up */
  readonly idleTimeoutMs: number
  /** Longest time for a frame to arrive once begun, for a write to be taken, and for credit to be granted */
  readonly progressMs: number
  /** Bytes of items a sender may have unacknowledged on one stream */
  readonly window: number
  /** Unary calls at once on one session */
  readonly maxCallsInFlight: number
  /** Whether calls may run over a relayed connection */
  readonly relayed: boolean
}

export const defaultLimits: ProtocolLimits = {
  maxMessageSize: 256 * 1024,
  maxInboundStreams: 32,
  rate: { points: 600, durationMs: 60_000 },
  timeoutMs: 15_000,
  idleTimeoutMs: 120_000,
  progressMs: 30_000,
  window: 256 * 1024,
  maxCallsInFlight: 256,
  relayed: false
}

/** Why each default is what it is. */
export const limitReasons: Readonly<Record<keyof ProtocolLimits, string>> = {
  maxMessageSize: 'One frame: a sealed document entry is 128 KiB at most and fits with its envelope',
  maxInboundStreams:
    'Of a peer, per connection and protocol: a session and a few watches per console tab, several tabs',
  rate: 'Of one caller: ten calls a second sustained, with the burst of a busy conversation that catches up; not a scan',
  timeoutMs: 'One call: longer than a round trip over a bad mobile network with one retransmission storm',
  idleTimeoutMs: 'Silence of a stream: twice the 60 s for which common NATs keep an idle mapping',
  progressMs: 'For a frame to arrive or to be taken: the largest default one takes 21 s at 100 kbit/s',
  window: 'Items under way on one stream: bandwidth × delay of 40 Mbit/s at 50 ms, and the flow window of most muxers',
  maxCallsInFlight: 'Calls at once on one session: four times what saturates one libp2p connection on loopback',
  relayed: 'A relay forwards for free and little: opt in for small, urgent messages'
}

/** How long a call waits for the caller to be identified; hello itself may take 5 s. */
export const identifyTimeoutMs = 10_000

/** Nesting of a message, envelope included: deeper data is a document, not a message. */
export const maxMessageDepth = 32

export function withLimits(...layers: readonly (Partial<ProtocolLimits> | undefined)[]): ProtocolLimits {
  const limits: ProtocolLimits = Object.assign({}, defaultLimits, ...layers)
  for (const [name, value] of Object.entries({ ...limits, ...limits.rate })) {
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`Limit ${name} must be a positive integer, got ${value}`)
    }
  }
  return Object.freeze(limits)
}
