import { useCallback } from 'preact/hooks'

/**
 * One stop for Tab and arrows inside: give the result to the list as `onKeyDown` and `data-roving` to what takes the focus.
 * The item that is chosen, or the first, has `tabIndex` 0, the others -1.
 */
export function useRoving(): (event: KeyboardEvent) => void {
  return useCallback((event: KeyboardEvent) => {
    const list = event.currentTarget
    if (!(list instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return
    const items = [...list.querySelectorAll<HTMLElement>('[data-roving]')]
    const at = items.indexOf(document.activeElement as HTMLElement)
    const to = target(event.key, at, items.length)
    if (at < 0 || to === undefined) return
    event.preventDefault()
    items[to]?.focus()
  }, [])
}

function target(key: string, at: number, count: number): number | undefined {
  if (key === 'ArrowDown') return Math.min(at + 1, count - 1)
  if (key === 'ArrowUp') return Math.max(at - 1, 0)
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : undefined
}
