import type { Sight } from './page-sight.ts'

/** Where nothing is drawn although the page is visible, as behind a screen that is off (ms) */
const longestMs = 50

/**
 * Runs functions behind the next frame, so that what a key or a message has changed is on the screen before more is worked on. At once when
 * the page is left, or in one that nobody sees.
 *
 * @param defer runs a function when the current task is over
 */
export function behindFrame(defer: (run: () => void) => void, sight: Sight): (run: () => void) => void {
  return run => {
    if (sight.isHidden()) {
      defer(run)
      return
    }
    let isOver = false
    const drawn = () => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      stop()
      // A frame is drawn when what was asked to run before it has
      defer(run)
    }
    const timer = setTimeout(drawn, longestMs)
    const stop = sight.onLeave(drawn)
    sight.request(drawn)
  }
}
