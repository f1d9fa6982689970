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
