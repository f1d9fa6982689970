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

export function go(page: PageName, item = ''): void {
  location.hash = hrefOf(page, item)
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash))
  useEffect(() => {
    const follow = () => setRoute(readRoute(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
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
