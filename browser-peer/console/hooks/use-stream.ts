import { type Inputs, useEffect, useRef } from 'preact/hooks'
import { pause } from './pause.ts'

const firstWaitMs = 500
const longestWaitMs = 15_000

/** Follows a stream for as long as the component is shown; one that breaks is opened again, later each time. */
export function useStream<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  onItem: (item: T) => void,
  inputs: Inputs
): void {
  const latest = useRef({ open, onItem })
  latest.current = { open, onItem }
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    const run = async () => {
      for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
        try {
          for await (const item of latest.current.open(signal)) {
            if (signal.aborted) return
            waitMs = firstWaitMs
            latest.current.onItem(item)
          }
        } catch {
          // Offline, or the page moved on: the list that was shown stays
        }
        await pause(waitMs, signal)
      }
    }
    void run()
    return () => stop.abort()
    // As in use-load.ts: the functions are made anew each time
  }, inputs)
}
