/** For as long a page that said it is about to be left is taken for one that is (ms): whoever is asked may stay. */
const leavingMs = 1000
const leaving = ['beforeunload', 'pagehide'] as const

/** Whether somebody looks at this page. */
export interface Sight {
  /** Nobody sees it, or it is being left. */
  isHidden(): boolean
  /** Tells when it is hidden, left, closed or loaded anew, until the function that is answered is called. */
  onLeave(listener: () => void): () => void
  /** Runs a function before the next frame is drawn. */
  request(run: () => void): unknown
}

/** @param signal ends it */
export function pageSight(signal: AbortSignal): Sight {
  const listeners = new Set<() => void>()
  let leftAt = Number.NEGATIVE_INFINITY
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const hidden = () => {
    if (document.visibilityState === 'hidden') tell()
  }
  document.addEventListener('visibilitychange', hidden, { signal })
  // Before a page is loaded anew there is time to store something, and none behind it
  for (const type of leaving) {
    const left = () => {
      leftAt = performance.now()
      tell()
    }
    addEventListener(type, left, { signal })
  }
  return {
    isHidden: () => document.visibilityState === 'hidden' || performance.now() - leftAt < leavingMs,
    onLeave: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    request: run => requestAnimationFrame(run)
  }
}
