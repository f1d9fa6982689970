import type { Sight } from './page-sight.ts'

/** A page that draws no frame and is left when a spec says so. */
export function testSight(isHidden = false) {
  const frames: (() => void)[] = []
  const listeners = new Set<() => void>()
  const sight: Sight = {
    isHidden: () => isHidden,
    onLeave: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    request: run => frames.push(run)
  }
  const leave = () => {
    for (const listener of listeners) listener()
  }
  return { sight, frames, listeners, leave }
}
