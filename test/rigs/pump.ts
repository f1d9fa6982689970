/** Between a refusal and the next try of the same lane. */
const pauseMs = 10

export interface PumpInit {
  /** Number of the first item; the others follow. */
  readonly first: number
  /** Writes that are under way at any time. */
  readonly inFlight: number
  /** Items at most, default no end. */
  readonly count?: number
  readonly put: (item: number) => Promise<void>
  readonly onIssued: (item: number) => void
  readonly onAcked: (item: number) => void
  readonly onRefused: (cause: unknown) => void
  readonly signal?: AbortSignal
}

/** Writes as fast as it can until it is stopped, with a fixed number of writes under way. An item that was refused is not tried again. */
export async function pump(init: PumpInit): Promise<void> {
  let next = init.first
  const end = init.first + (init.count ?? Number.POSITIVE_INFINITY)
  const isStopped = () => init.signal?.aborted === true
  const lane = async () => {
    while (next < end && !isStopped()) {
      const item = next++
      init.onIssued(item)
      try {
        await init.put(item)
        init.onAcked(item)
      } catch (cause) {
        if (isStopped()) return
        init.onRefused(cause)
        await new Promise(resolve => setTimeout(resolve, pauseMs))
      }
    }
  }
  await Promise.all(Array.from({ length: init.inFlight }, lane))
}
