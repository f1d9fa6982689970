import type { Browser, Page } from 'puppeteer-core'

export interface Watched {
  readonly page: Page
  /** Errors of the console and of scripts, and breaches of the policy */
  readonly complaints: string[]
  /** Requests that went anywhere else than to this server */
  foreignTo(own: string): string[]
  close(): Promise<void>
}

/** Of several addresses that are dialled at once the first counts, and browsers say of each other one that it was given up */
const ofGivenUp =
  /closed before the connection is established|connection to ws:\S+ was interrupted|establish a connection to the server at ws:/

/** A page that remembers whatever it complained of and whomever it asked for something. */
export async function openWatched(browser: Browser): Promise<Watched> {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  page.setDefaultTimeout(90_000)
  const complaints: string[] = []
  const asked: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' && !ofGivenUp.test(message.text())) complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('request', request => {
    const url = request.url()
    // Firefox draws the bullets of lists with a font that it has in its own style sheet
    const isFetched = !/^(blob:|data:font\/|about:blank$)/.test(url)
    if (isFetched) asked.push(url)
  })
  await page.evaluateOnNewDocument(() => {
    const found: string[] = []
    Object.assign(globalThis, { breaches: found, hit: () => found.push('executed') })
    addEventListener('securitypolicyviolation', event => {
      found.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
    })
  })
  return {
    page,
    complaints,
    foreignTo: own => asked.filter(url => !url.startsWith(own)),
    close: () => context.close()
  }
}

/** What the page itself noticed: broken policies, and scripts that ran although nobody called them. */
export function breachesOf(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { breaches: string[] }).breaches)
}

/** All that a page's origin keeps in its browser, each by its kind and name. */
export function keptBy(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases()
    const workers = await navigator.serviceWorker.getRegistrations()
    return [
      ...databases.map(({ name }) => `database ${name}`),
      ...(await caches.keys()).map(name => `cache ${name}`),
      ...workers.map(({ scope }) => `worker ${scope}`),
      ...Object.keys(localStorage).map(key => `local ${key}`),
      ...Object.keys(sessionStorage).map(key => `session ${key}`),
      ...(document.cookie === '' ? [] : [`cookie ${document.cookie}`])
    ]
  })
}

/** Clicks the conversation of that name in the list, and waits until its messages are there. */
export async function openConversation(page: Page, name: string): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/chats'
  })
  await page.waitForFunction(
    words => {
      const item = [...document.querySelectorAll<HTMLElement>('a.item')].find(found =>
        found.querySelector('strong')?.textContent?.includes(words)
      )
      item?.click()
      return item !== undefined
    },
    {},
    name
  )
  await page.waitForFunction(
    words =>
      document.querySelector('.conversation h2')?.textContent?.includes(words) &&
      document.querySelector('.message') !== null,
    {},
    name
  )
}
