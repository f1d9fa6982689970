import { useEffect } from 'preact/hooks'
import { go, type PageName } from '../hooks/use-route.ts'

const pages: Readonly<Record<string, PageName>> = {
  1: 'chats',
  2: 'people',
  3: 'notes',
  4: 'data',
  5: 'devices',
  6: 'mesh',
  7: 'status',
  8: 'settings'
}

/** Alt and a digit go to a page, Alt and W to the box where one writes. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
      const page = pages[event.code.replace('Digit', '')]
      const box = event.code === 'KeyW' ? document.querySelector<HTMLElement>('.composer-text') : null
      if (page === undefined && box === null) return
      event.preventDefault()
      if (page !== undefined) go(page)
      box?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
