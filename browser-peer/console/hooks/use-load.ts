import { type Inputs, useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useOnReached } from './twin-context.ts'

export interface Loaded<T> {
  /** Undefined until it came for the first time; the old one stays while a new one is fetched */
  readonly value: T | undefined
  readonly error: Error | undefined
  reload(): void
}

/** Fetches something, again whenever what it depends on changes, when it failed and the twin is back, or `reload` is called. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, inputs: Inputs): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: Error }>({})
  const [round, setRound] = useState(0)
  const latest = useRef(load)
  latest.current = load
  useEffect(() => {
    const stop = new AbortController()
    latest.current(stop.signal).then(
      value => {
        if (!stop.signal.aborted) setState({ value })
      },
      error => {
        if (!stop.signal.aborted) setState(({ value }) => ({ value, error: asError(error) }))
      }
    )
    return () => stop.abort()
    // What is fetched depends on `inputs`, not on the function, which is made anew each time
  }, [...inputs, round])
  const reload = useCallback(() => setRound(now => now + 1), [])
  useOnReached(() => {
    if (state.error !== undefined) reload()
  })
  return { value: state.value, error: state.error, reload }
}

/** All items of a stream that ends. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
