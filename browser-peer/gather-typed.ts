import type { Sight } from './page-sight.ts'

/** For as long letters that follow each other are gathered (ms): people type four to eight in a second. */
const gatherMs = 200

/** Runs functions a moment later, so that what is typed until then is stored together; at once when the page is left, or in one that nobody sees. */
export function gatherTyped({ isHidden, onLeave }: Pick<Sight, 'isHidden' | 'onLeave'>): (run: () => void) => void {
  return run => {
    if (isHidden()) {
      run()
      return
    }
    const end = () => {
      clearTimeout(timer)
      stop()
      run()
    }
    const timer = setTimeout(end, gatherMs)
    const stop = onLeave(end)
  }
}
