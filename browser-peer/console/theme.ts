export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export const themeKey = 'twinmesh.theme'

/** Before anything is drawn, so that nobody is dazzled. */
export function applyTheme(theme: Theme = readTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function readTheme(): Theme {
  try {
    return themes.find(theme => theme === localStorage.getItem(themeKey)) ?? 'system'
  } catch {
    return 'system'
  }
}
