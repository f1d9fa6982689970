/** Time as an injected component, so that a spec can make an hour pass at once. */
export interface Clock {
  /** Milliseconds on a clock that never goes back */
  now(): number
  /** Runs `action` after `ms`; the returned function calls it off. A background timer does not keep a process alive. */
  after(ms: number, action: () => void, options?: { background?: boolean }): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, action, options) => {
    const timer: unknown = setTimeout(action, ms)
    // Node returns an object that can let the process end, browsers a number
    if (options?.background === true && typeof timer === 'object') (timer as { unref?(): void }).unref?.()
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
  }
}
