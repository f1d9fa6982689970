import type { Connection, Stream } from '@libp2p/interface'
import { systemClock } from '../core/index.ts'

/** Both ends look at the same connection: the other one may have sent a call that is not here yet. */
const leastMs = 1000
/** A stream on which nothing moved for so long is waiting for something that happens, and is opened again by whoever follows it. */
const quietMs = 3000
/** The longest unary call of any contract */
const mostMs = 60_000
const lookEveryMs = 250

/** Unary calls that are under way on a stream, told by who runs them. */
const calls = new WeakMap<Stream, () => number>()
/** When something was sent or received on a stream, by `systemClock`. */
const moved = new WeakMap<Stream, number>()
const left = new WeakSet<Connection>()

export function countCalls(stream: Stream, count: () => number): void {
  calls.set(stream, count)
}

export function noteMoved(stream: Stream): void {
  moved.set(stream, systemClock.now())
}

/** Whether a better connection took the place of this one. */
export function isLeft(connection: Connection): boolean {
  return left.has(connection)
}

/**
 * Ends a connection beside which a better one stands. What is new begins on that; calls that are under way are answered here first, and
 * streams that move go on until they pause. What only waits is broken then, and is opened again by its owner.
 */
export function leaveConnection(connection: Connection): void {
  if (left.has(connection)) return
  left.add(connection)
  const since = systemClock.now()
  const look = () => {
    if (connection.status !== 'open') return
    const lasted = systemClock.now() - since
    const isBusy = connection.streams.some(stream => isUnderWay(stream))
    if (lasted >= mostMs || (lasted >= leastMs && !isBusy)) {
      connection.close().catch(error => connection.abort(error))
    } else systemClock.after(lookEveryMs, look, { background: true })
  }
  systemClock.after(leastMs, look, { background: true })
}

function isUnderWay(stream: Stream): boolean {
  const count = calls.get(stream)
  if (count !== undefined) return count() > 0
  return systemClock.now() - (moved.get(stream) ?? -Infinity) < quietMs
}
