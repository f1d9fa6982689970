import { useEffect, useState } from 'preact/hooks'

/** A page that opens this one under somebody's finger gets no click that was meant for something else. */
const readingMs = 800

/**
 * Whether somebody had this page in front of them, and could press something in it, for as long as it takes to see what. A page behind
 * another one is seen by nobody: the time begins anew whenever it comes to the front. Counts while `isShown`.
 */
export function useSeen(isShown = true): boolean {
  const [isSeen, setSeen] = useState(false)
  useEffect(() => {
    if (!isShown) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const begin = () => {
      clearTimeout(timer)
      setSeen(false)
      const isInFront = document.visibilityState === 'visible' && document.hasFocus()
      if (isInFront) timer = setTimeout(() => setSeen(true), readingMs)
    }
    begin()
    document.addEventListener('visibilitychange', begin)
    addEventListener('focus', begin)
    addEventListener('blur', begin)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', begin)
      removeEventListener('focus', begin)
      removeEventListener('blur', begin)
    }
  }, [isShown])
  return isSeen
}
