/** A link that connects this browser, as it stood behind the `#`. */
export interface TakenLink {
  readonly kind: 'claim' | 'pair'
  /** The whole of it, base address and all */
  readonly text: string
}

/**
 * Takes the secret out of the address before anything else runs: no reload, no way back, no extension that reads addresses later
 * finds it there. A browser may still remember that it was opened: it lets one device in, within minutes.
 */
export function takeLink(): TakenLink | undefined {
  const match = /^#(claim|pair)\//.exec(location.hash)
  if (match === null) return undefined
  const text = location.href
  history.replaceState(null, '', location.pathname)
  return { kind: match[1] === 'claim' ? 'claim' : 'pair', text }
}
