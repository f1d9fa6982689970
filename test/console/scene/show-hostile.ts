import type { Place } from './hostile-places.ts'
import { until } from './people.ts'

export interface Shown {
  /** By what should show them, texts that never stood there whole */
  readonly missing: readonly string[]
  /** What the console never makes itself */
  readonly markup: readonly string[]
}

const patienceMs = 20_000
const never = [
  'script, iframe, object, embed, style, base, meta, link, animate, details, body, title',
  'form[action], [srcdoc], [onload], [onerror], [onfocus], [onbegin], [ontoggle], [onmouseover]',
  'img[src]:not([src^="blob:"])'
].join()

/** Writes texts, goes where the console shows them and looks until each stands there. */
export async function showHostile(place: Place, texts: readonly string[]): Promise<Shown> {
  const { at, presses = [], all, one, looks } = place
  await go('#/more')
  await all?.(texts)
  await go(at)
  for (const words of presses) await press(words)
  const missing: string[] = []
  const markup: string[] = []
  for (const some of one === undefined ? [texts] : texts.map(text => [text])) {
    await one?.(some[0]!)
    for (const [selector, shown = (text: string) => text] of looks) {
      const absent = () => {
        const there = find(selector).map(textOf)
        return some.map(shown).filter(text => !there.some(found => found.includes(text)))
      }
      await until(async () => (absent().length === 0 ? true : undefined), patienceMs).catch(() => {})
      missing.push(...absent().map(text => `${selector}: ${text}`))
    }
    markup.push(...find(never).map(({ outerHTML }) => outerHTML), ...find('a').filter(leadsAstray).map(textOf))
  }
  return { missing, markup }
}

async function go(hash: string): Promise<void> {
  location.hash = hash
  await until(async () => document.querySelector(`main [href="${hash}"], main h1, main h2`) ?? undefined)
}

async function press(words: string): Promise<void> {
  const buttons = () => [...document.querySelectorAll<HTMLElement>('main button, dialog button')]
  const found = await until(async () => buttons().find(({ textContent }) => textContent?.includes(words)))
  found.click()
}

/** In the page, and in the root of its own that the editor stands in. */
function find(selector: string): Element[] {
  const roots = [document.getElementById('root')!, document.querySelector('.note-text')?.shadowRoot]
  return roots.flatMap(root => [...(root?.querySelectorAll(selector) ?? [])])
}

function textOf(element: Element): string {
  return element.textContent ?? ''
}

/** Addresses in messages lead where they say; all others lead to the console's own pages. */
function leadsAstray(link: Element): boolean {
  const { href, protocol, origin, textContent } = link as HTMLAnchorElement
  return origin !== location.origin && (!/^https?:$/.test(protocol) || !href.startsWith(textContent ?? ''))
}
