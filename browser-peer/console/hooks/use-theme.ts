import { useState } from 'preact/hooks'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'twinmesh.theme'

/** Before anything is drawn, so that nobody is dazzled. */
export function applyTheme(theme: Theme = readTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(readTheme)
  return [
    theme,
    next => {
      try {
        localStorage.setItem(key, next)
      } catch {
        // Where storage is closed it holds until the page is
      }
      applyTheme(next)
      setTheme(next)
    }
  ]
}

function readTheme(): Theme {
  try {
    return themes.find(theme => theme === localStorage.getItem(key)) ?? 'system'
  } catch {
    return 'system'
  }
}
