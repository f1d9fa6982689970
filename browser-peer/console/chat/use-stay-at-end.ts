import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Whoever is this near to the end wants to see what comes */
const nearPx = 120

/** Keeps a list that grows at its end, also while pictures in it load, unless somebody has scrolled up to read. */
export function useStayAtEnd(newest: string | undefined): RefObject<HTMLDivElement | null> {
  const scroller = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    isAtEnd.current = true
    const toEnd = () => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight
    }
    let last = element.scrollTop
    const onScroll = () => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx
      // Only going up leaves the end: a picture that has just been loaded puts it further away by itself
      if (isNear) isAtEnd.current = true
      else if (element.scrollTop < last) isAtEnd.current = false
      last = element.scrollTop
    }
    const grown = new ResizeObserver(toEnd)
    for (const child of element.children) grown.observe(child)
    grown.observe(element)
    element.addEventListener('scroll', onScroll, { passive: true })
    toEnd()
    return () => {
      grown.disconnect()
      element.removeEventListener('scroll', onScroll)
    }
  }, [newest])
  return scroller
}
