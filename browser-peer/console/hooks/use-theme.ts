import { useState } from 'preact/hooks'
import { applyTheme, readTheme, type Theme, themeKey } from '../theme.ts'

/** @param isKept whether this machine may remember it */
export function useTheme(isKept: boolean): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(readTheme)
  return [
    theme,
    next => {
      try {
        if (isKept) localStorage.setItem(themeKey, next)
      } catch {
        // Where storage is closed it holds until the page is
      }
      applyTheme(next)
      setTheme(next)
    }
  ]
}
