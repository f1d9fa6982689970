import { useEffect, useState } from 'preact/hooks'

export const pages = [
  'chats',
  'people',
  'notes',
  'data',
  'devices',
  'mesh',
  'status',
  'settings',
  'login',
  'more'
] as const
export type PageName = (typeof pages)[number]

export interface Route {
  readonly page: PageName
  /** What is open on the page: a conversation, a person, a note; empty for the list */
  readonly item: string
}

/** The part of the address after `#/`: nothing in it is ever an order, it only says what to look at. */
export function readRoute(hash: string): Route {
  const [name = '', ...rest] = hash.replace(/^#\/?/, '').split('/')
  const page = pages.find(known => known === name) ?? 'chats'
  return { page, item: decode(rest.join('/')) }
}

export function hrefOf(page: PageName, item = ''): string {
  return item === '' ? `#/${page}` : `#/${page}/${encodeURIComponent(item)}`
}

/** What is looked at when the address must not say it: a browser remembers every address that a page had */
let unsaid: string | undefined
const listeners = new Set<() => void>()

/** From now on the address stays as it is, on a machine where nothing is to be found afterwards. */
export function hideRoute(): void {
  unsaid ??= ''
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#/"]') : null
    if (link === null) return
    event.preventDefault()
    follow(link.getAttribute('href')!)
  })
}

export function go(page: PageName, item = ''): void {
  follow(hrefOf(page, item))
}

function follow(href: string): void {
  if (unsaid === undefined) {
    location.hash = href
    return
  }
  unsaid = href
  for (const listener of [...listeners]) listener()
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(unsaid ?? location.hash))
  useEffect(() => {
    const look = () => setRoute(readRoute(unsaid ?? location.hash))
    // What it became since the first drawing
    look()
    addEventListener('hashchange', look)
    listeners.add(look)
    return () => {
      removeEventListener('hashchange', look)
      listeners.delete(look)
    }
  }, [])
  return route
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
