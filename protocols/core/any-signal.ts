/**
 * Aborts as soon as one of these does, with its reason. `AbortSignal.any` holds its sources weakly: on Node 20 a time limit
 * that nothing else holds is collected and never fires. One of the sources has to fire some time, or outlive its use.
 */
export function anySignal(...sources: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController()
  const { signal } = controller
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason)
    // A listener keeps the source alive; it goes with the signal
    else source.addEventListener('abort', () => controller.abort(source.reason), { once: true, signal })
  }
  return signal
}

/** Runs something with `anySignal` of the sources, which have nothing of it any more when it is over. */
export async function withSignal<T>(
  sources: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const over = new AbortController()
  try {
    return await run(anySignal(...sources, over.signal))
  } finally {
    over.abort()
  }
}

/** Waits for `ms`, or until `signal` aborts if that is sooner. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
