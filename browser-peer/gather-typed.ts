/** For as long letters that follow each other are gathered (ms): people type four to eight in a second. */
const gatherMs = 200

export interface Sight {
  readonly isHidden: () => boolean
  /** Tells when the page is hidden, left or closed, until the function that it answers is called. */
  readonly onLeave: (listener: () => void) => () => void
}

const ofPage: Sight = {
  isHidden: () => document.visibilityState === 'hidden',
  onLeave: listener => {
    const hidden = () => {
      if (document.visibilityState === 'hidden') listener()
    }
    document.addEventListener('visibilitychange', hidden)
    addEventListener('pagehide', listener)
    return () => {
      document.removeEventListener('visibilitychange', hidden)
      removeEventListener('pagehide', listener)
    }
  }
}

/** Runs functions a moment later, so that what is typed until then is stored together; at once when the page is left, or in one that nobody sees. */
export function gatherTyped(sight = ofPage): (run: () => void) => void {
  return run => {
    if (sight.isHidden()) {
      run()
      return
    }
    const end = () => {
      clearTimeout(timer)
      stop()
      run()
    }
    const timer = setTimeout(end, gatherMs)
    const stop = sight.onLeave(end)
  }
}
