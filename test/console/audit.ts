import axe from 'axe-core'
import type { Page } from 'puppeteer-core'
import { shots } from './shots.ts'

const phone = { width: 390, height: 844 }
const shown = [
  'chats',
  'conversation',
  'people',
  'person',
  'notes',
  'note',
  'data',
  'devices',
  'mesh',
  'status',
  'settings'
]

interface Axe {
  run(context: Document, options: object): Promise<{ violations: readonly Violation[] }>
}
interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Serious faults of what is shown, for those who use it by ear or keyboard. */
export async function audit(page: Page, where: string): Promise<string[]> {
  // The policy lets no script in from outside; what the browser is told to run is not the page's
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  return await page.evaluate(async on => {
    const { axe } = globalThis as unknown as { axe: Axe }
    // Colours on their way to others are nobody's
    for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish()
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${on}: ${id} ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
  }, where)
}

/** The main pages, each with something open on it, in the layout of a phone and the dark theme; as it was afterwards. */
export async function auditInTheDark(page: Page): Promise<string[]> {
  const before = page.viewport()
  const faults: string[] = []
  await page.setViewport(phone)
  await setTheme(page, 'dark')
  for (const { name, hash, act } of shots.filter(({ name }) => shown.includes(name))) {
    await page.evaluate(to => {
      location.hash = to
    }, hash!)
    await act?.(page)
    faults.push(...(await audit(page, name)))
  }
  await setTheme(page, undefined)
  await page.setViewport(before)
  return faults
}

function setTheme(page: Page, theme: string | undefined): Promise<void> {
  return page.evaluate(to => {
    if (to === undefined) delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = to
  }, theme)
}
