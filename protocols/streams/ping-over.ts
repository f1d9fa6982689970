import type { Connection } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { equals } from 'uint8arrays/equals'

/** The ping specification of libp2p: what is sent comes back. */
const protocol = '/ipfs/ping/1.0.0'
const length = 32

/**
 * Round trip over this very connection, in milliseconds. libp2p's own ping dials again where the connection is a relayed one, and
 * fails when no better one can be had.
 */
export async function pingOver(connection: Connection, signal: AbortSignal): Promise<number> {
  const stream = await connection.newStream(protocol, { signal, runOnLimitedConnection: true })
  try {
    const sent = crypto.getRandomValues(new Uint8Array(length))
    const bytes = byteStream(stream)
    const startedAt = performance.now()
    await bytes.write(sent, { signal })
    const received = await bytes.read({ bytes: length, signal })
    if (received === null || !equals(received.subarray(), sent))
      throw new Error('The peer answered the ping with other bytes')
    const latencyMs = performance.now() - startedAt
    await stream.close({ signal })
    return Math.round(latencyMs)
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}
