import { useState } from 'preact/hooks'
import { applyTheme, readTheme, type Theme, themeKey } from '../theme.ts'

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(readTheme)
  return [
    theme,
    next => {
      try {
        localStorage.setItem(themeKey, next)
      } catch {
        // Where storage is closed it holds until the page is
      }
      applyTheme(next)
      setTheme(next)
    }
  ]
}
