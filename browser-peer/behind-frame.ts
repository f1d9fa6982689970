import type { Sight } from './page-sight.ts'

/** Where nothing is drawn although the page is visible, as behind a screen that is off (ms) */
const longestMs = 50

/**
 * Runs functions behind the next frame, so that what a key or a message has changed is on the screen before more is worked on. When the
 * page is left, or in one that nobody sees, within the current task: Chromium runs few more of a page that is loaded anew.
 *
 * @param defer runs a function when the current task is over
 */
export function behindFrame(defer: (run: () => void) => void, sight: Sight): (run: () => void) => void {
  return run => {
    if (sight.isHidden()) {
      queueMicrotask(run)
      return
    }
    let isOver = false
    const end = (next: (run: () => void) => void) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      stop()
      next(run)
    }
    // A frame is drawn when what was asked to run before it has
    const drawn = () => end(defer)
    const timer = setTimeout(drawn, longestMs)
    const stop = sight.onLeave(() => end(queueMicrotask))
    sight.request(drawn)
  }
}
