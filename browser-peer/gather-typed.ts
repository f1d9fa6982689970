import { type Clock, systemClock } from '../protocols/core/index.ts'
import type { Sight } from './page-sight.ts'

/** A pause in what is typed ends a group (ms): between two letters are 60 to 180. */
const pauseMs = 200
/** A group that lasts longer ends with its next letter (ms), so that whoever types without a pause has it stored. */
const mostMs = 1000
/** By then a letter is drawn here and at others, and the next one is mostly not typed yet (ms). */
const drawnMs = 40

export interface GatherTypedInit {
  readonly sight: Pick<Sight, 'isHidden' | 'onLeave'>
  /** Default `systemClock` */
  readonly clock?: Clock
}

/**
 * Lets a function run once for many letters: the function that is answered is to be called for each. It runs when nothing was typed for
 * a moment, once a second where that does not come, and at once when the page is left, or in one that nobody sees.
 */
export function gatherTyped({ sight, clock = systemClock }: GatherTypedInit): (run: () => void) => () => void {
  return run => {
    let begun: { readonly at: number; readonly stop: () => void } | undefined
    let isEnding = false
    let callOff = () => {}
    const end = () => {
      callOff()
      begun?.stop()
      begun = undefined
      isEnding = false
      run()
    }
    return () => {
      if (sight.isHidden()) {
        end()
        return
      }
      begun ??= { at: clock.now(), stop: sight.onLeave(end) }
      if (isEnding) return
      isEnding = clock.now() - begun.at >= mostMs
      callOff()
      callOff = clock.after(isEnding ? drawnMs : pauseMs, end)
    }
  }
}
