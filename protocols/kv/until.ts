import { anySignal } from '../core/index.ts'

/**
 * What `find` finds, at once or after one of the events that `subscribe` listens to; `undefined` when time or the caller's
 * patience runs out first.
 */
export async function until<T>(
  find: () => T | undefined | Promise<T | undefined>,
  subscribe: (listener: () => void) => () => void,
  timeoutMs: number,
  signal?: AbortSignal
): Promise<T | undefined> {
  const atOnce = await find()
  if (atOnce !== undefined) return atOnce
  const timeout = AbortSignal.timeout(timeoutMs)
  const limit = signal === undefined ? timeout : anySignal(timeout, signal)
  let wake = () => {}
  const unsubscribe = subscribe(() => wake())
  const giveUp = () => wake()
  limit.addEventListener('abort', giveUp, { once: true })
  try {
    while (true) {
      // Made before looking, so that an event during the look is not missed
      const woken = new Promise<void>(resolve => {
        wake = resolve
      })
      const found = await find()
      if (found !== undefined || limit.aborted) return found
      await woken
    }
  } finally {
    unsubscribe()
    limit.removeEventListener('abort', giveUp)
  }
}
