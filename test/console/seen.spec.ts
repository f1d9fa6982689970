import { expect } from 'chai'
import type { Browser } from 'puppeteer-core'
import { type ConsoleServer, serveConsole } from '../../node/console/serve-console.ts'
import { type BrowserName, sharedBrowsers } from '../browser/browsers.ts'
import { buildScene } from './build-scene.ts'
import { openWatched, type Watched } from './console-page.ts'

const readingMs = 800
const buttons = {
  'Connect this browser': { hash: '#pair/c2VjcmV0', button: '.button-big' },
  Allow: { hash: '#/login/scene', button: '.sign-in .button[data-kind="main"]' }
}

for (const name of ['chromium', 'firefox'] as const satisfies readonly BrowserName[]) {
  describe(`a button that lets somebody in, in ${name}`, function () {
    this.timeout(120_000)
    let served: ConsoleServer
    let browser: Browser
    let watched: Watched
    before(async () => {
      served = await serveConsole({ files: await buildScene(), port: 0 })
      browser = await sharedBrowsers[name].take()
    })
    beforeEach(async () => {
      watched = await openWatched(browser)
      await watched.page.evaluateOnNewDocument(hurry, readingMs)
      await watched.page.bringToFront()
    })
    afterEach(() => watched?.close())
    after(async () => {
      await sharedBrowsers[name].leave()
      await served?.close()
    })

    for (const [words, { hash, button }] of Object.entries(buttons)) {
      it(`"${words}" takes no press while nobody sees it, and then not before the time to read has begun anew`, async () => {
        const { page } = watched
        await page.goto(`${served.url}${hash}`)
        await page.waitForSelector(`${button}:not([disabled])`)
        const begun = await page.evaluate(timersBegun)
        expect(begun).least(1)
        // Behind another page of the same window
        const other = await page.browserContext().newPage()
        await page.waitForSelector(`${button}[disabled]`)
        await page.evaluate(turn)
        expect(await page.$(`${button}:not([disabled])`)).equal(null)
        expect(await page.evaluate(timersBegun)).equal(begun)
        await other.close()
        await page.bringToFront()
        await page.waitForSelector(`${button}:not([disabled])`)
        expect(await page.evaluate(timersBegun)).above(begun)
        // In sight beside a window that has the keyboard, as under one that closes between two clicks
        await page.evaluate(lookAway)
        await page.waitForSelector(`${button}[disabled]`)
        await page.evaluate(turn)
        expect(await page.$(`${button}:not([disabled])`)).equal(null)
        await page.evaluate(lookBack)
        await page.waitForSelector(`${button}:not([disabled])`)
      })
    }
  })
}

/** Runs in the page: timers of that length end at once and are counted. */
function hurry(length: number): void {
  const real = globalThis.setTimeout
  let begun = 0
  const quick = (run: () => void, ms?: number) => {
    if (ms !== length) return real(run, ms)
    begun++
    return real(run)
  }
  Object.assign(globalThis, { setTimeout: quick, timersBegun: () => begun })
}

const timersBegun = () => (globalThis as unknown as { timersBegun(): number }).timersBegun()

/** Whatever was to end at once has ended then. */
const turn = () => new Promise<void>(resolve => setTimeout(() => setTimeout(resolve)))

function lookAway(): void {
  document.hasFocus = () => false
  dispatchEvent(new Event('blur'))
}

function lookBack(): void {
  Reflect.deleteProperty(document, 'hasFocus')
  dispatchEvent(new Event('focus'))
}
