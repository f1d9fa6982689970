/** Where nothing is drawn although the page is visible, as behind a screen that is off (ms) */
const longestMs = 50

export interface Screen {
  readonly isHidden: () => boolean
  readonly request: (run: () => void) => unknown
}

const ofPage: Screen = {
  isHidden: () => document.visibilityState === 'hidden',
  request: run => requestAnimationFrame(run)
}

/**
 * Runs functions behind the next frame, so that what a key or a message has changed is on the screen before more is worked on. In a page that
 * nobody sees, at once.
 *
 * @param defer runs a function when the current task is over
 */
export function behindFrame(defer: (run: () => void) => void, screen = ofPage): (run: () => void) => void {
  return run => {
    if (screen.isHidden()) {
      defer(run)
      return
    }
    let isOver = false
    const drawn = () => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      // A frame is drawn when what was asked to run before it has
      defer(run)
    }
    const timer = setTimeout(drawn, longestMs)
    screen.request(drawn)
  }
}
