import type { Browser } from 'puppeteer-core'
import { type BrowserName, stranger } from '../browser/browsers.ts'
import { bundleForPages } from '../browser/bundle.ts'
import { servePage } from '../browser/serve-page.ts'
import { hearStatuses } from './hear-statuses.ts'
import type { Outcomes, Way } from './hostile-script.ts'
import { makeStranger } from './stranger.ts'

export interface Prey {
  /** Where the console is served */
  readonly console: string
  /** A WebSocket address of the twin, with its peer id */
  readonly listener: string
}

export interface Spoils {
  /** By how the server of the console was asked, the statuses that it answered with */
  readonly statuses: Readonly<Record<string, readonly number[]>>
  /** Ways by which the page got hold of something */
  readonly taken: readonly string[]
  /** Statuses under a name that was rebound to this machine: of the page, and of what it asks for then */
  readonly rebound: readonly (number | undefined)[]
  /** What the twin's listener said to somebody who speaks no Noise */
  readonly said: string
  /** What came of calls by a twin of the page's own */
  readonly outcomes: Outcomes
}

const four = [403, 403, 403, 403]
/** Not 405 or 404: whoever is of another site is refused before anything else is looked at. */
export const refusedInEachWay: Spoils['statuses'] = {
  fetch: four,
  'fetch without CORS': four,
  post: four,
  script: [403],
  style: [403],
  picture: [403],
  frame: [403],
  socket: [400],
  form: [403]
}
const ways: readonly Way[] = ['fetch', 'fetch without CORS', 'post', 'script', 'style', 'picture', 'frame', 'socket']

/** A page of somebody else's site tries what it can against the server of the console and the listener of the twin. */
export async function attack(name: BrowserName, browser: Browser, { console, listener }: Prey): Promise<Spoils> {
  const { url, close } = await servePage(await bundleForPages('test/journey/hostile-script.ts'))
  const page = await browser.newPage()
  try {
    const heard = await hearStatuses(name, page, new URL(console).host)
    await page.goto(url.replace('127.0.0.1', stranger))
    await page.waitForFunction(() => 'hostile' in globalThis)
    const statuses: Record<string, readonly number[]> = {}
    const taken: string[] = []
    for (const way of ways) {
      const { asked, got } = await page.evaluate((way, target) => globalThis.hostile.ask(way, target), way, console)
      statuses[way] = await heard.next(asked)
      taken.push(...got)
    }
    const said = await page.evaluate(address => globalThis.hostile.talk(address), listener)
    const outcomes = await page.evaluate(
      (address, as) => globalThis.hostile.callTwin(address, as),
      listener,
      await makeStranger()
    )
    // What comes of it takes the place of the page
    await page.evaluate(target => globalThis.hostile.sendForm(target), console)
    statuses.form = await heard.next(1)
    return { statuses, taken, rebound: await rebind(browser, console), said, outcomes }
  } finally {
    await page.close()
    await close()
  }
}

/** As when the name of the page leads to this machine from one moment to the next. */
async function rebind(browser: Browser, console: string): Promise<Spoils['rebound']> {
  const page = await browser.newPage()
  try {
    const opened = await page.goto(console.replace('127.0.0.1', stranger))
    return [opened?.status(), await page.evaluate(() => fetch('/sw.js').then(({ status }) => status))]
  } finally {
    await page.close()
  }
}
