import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, Page } from 'puppeteer-core'
import { connectToTwin, homeAt } from '../../node/index.ts'
import type { SignIn } from '../../protocols/login/index.ts'
import { pairingProtocol } from '../../protocols/pairing/protocol.ts'
import { type BrowserName, findBrowser, sharedBrowsers } from '../browser/browsers.ts'
import { LoginSite } from '../harness/login-site.ts'
import { TwinProcess, temporaryFolder } from '../harness/twin.ts'
import { breachesOf, openWatched, type Watched } from './console-page.ts'

for (const name of ['chromium', 'firefox'] as const satisfies readonly BrowserName[]) {
  describe(`signing in at a site with the console in ${name}`, function () {
    this.timeout(240_000)
    let folder: Awaited<ReturnType<typeof temporaryFolder>>
    let twin: TwinProcess
    let site: LoginSite
    let browser: Browser
    let watched: Watched
    let page: Page
    let url: string

    before('a browser is a device of the twin, and a site runs', async () => {
      const found = findBrowser(name)
      if ('missing' in found) throw new Error(found.missing)
      folder = await temporaryFolder()
      twin = new TwinProcess({ home: join(folder.path, 'home') })
      await twin.init()
      await twin.start()
      await twin.object('profile', 'set', '--name', 'Ada')
      site = await LoginSite.start()
      browser = await sharedBrowsers[name].take()
      const control = await connectToTwin(homeAt(twin.home, {}))
      const { link } = await control.client(pairingProtocol).claim({})
      await control.close()
      url = (await twin.object<{ console: string }>('status')).console
      watched = await openWatched(browser, url)
      page = watched.page
      await page.goto(link)
      await page.waitForSelector('.button-big')
      await page.click('.button-big')
      await page.waitForSelector('.composer-text')
    })

    after('everything stops', async () => {
      await sharedBrowsers[name].leave()
      await site?.stop()
      await twin?.stop()
      await folder?.remove()
    })

    /** What the site asks in this browser, read off its page in a tab of its own */
    async function asked(): Promise<string> {
      const tab = await page.browserContext().newPage()
      await tab.goto(site.origin)
      const code = await tab.$eval('#code', element => element.textContent ?? '')
      await tab.close()
      return code
    }

    const show = (item: string) =>
      page.evaluate(to => {
        location.hash = to
      }, item)
    const shownSite = async () => {
      await page.waitForSelector('.sign-in-site')
      return await page.$eval('.sign-in-site', element => element.textContent)
    }
    const allow = '.sign-in .button[data-kind="main"]:not([disabled])'
    const here = () => twin.list<SignIn>('login', 'list')
    /** Whom the site greets once the browser is there */
    async function greeted(): Promise<string | null> {
      await page.waitForFunction(
        to => location.origin === to && document.querySelector('#twin') !== null,
        {},
        site.origin
      )
      return await page.$eval('#twin', element => element.textContent)
    }

    it('shows the exact address and what it learns, signs nothing by being opened, and goes back by a click', async () => {
      await show(`#${await asked()}`)
      expect(await shownSite()).equal(site.origin)
      const words = await page.$eval('.sign-in', element => element.textContent ?? '')
      expect(words)
        .include('You have not signed in here before')
        .and.include('Your name: Ada')
        .and.include('your devices, with their names')
      await page.waitForSelector(allow)
      expect(new URL(page.url()).origin).equal(new URL(url).origin)
      expect(await here()).deep.equal([])
      expect(await breachesOf(page)).deep.equal([])
      await page.click(allow)
      expect(await greeted()).equal(twin.id)
      expect(await page.$eval('h1', element => element.textContent)).equal('Welcome, Ada')
      // The answer is in no address any more
      expect(page.url()).equal(`${site.origin}/`)
      expect(watched.complaints).deep.equal([])
      await page.click('form button')
      await page.waitForSelector('#sign-in')
    })

    it('knows the site the next time, and tells it nothing when asked not to', async () => {
      await page.goto(url)
      await page.waitForSelector('.frame')
      const [signIn] = await twin.eventually<SignIn>(['login', 'list'], items => items.length > 0)
      expect(signIn).deep.include({ site: site.origin, device: 2, count: 1 })
      // As a browser gives it that opens web+twin: links here
      await show(`#login/${encodeURIComponent(`web+twin:${await asked()}`)}`)
      expect(await shownSite()).equal(site.origin)
      expect(await page.$eval('.sign-in', element => element.textContent)).include('You signed in here before')
      await page.evaluate(() => document.querySelector<HTMLElement>('.sign-in .button')?.click())
      await page.waitForFunction(() => location.hash === '#/chats')
      expect((await here())[0]!.count).equal(1)
    })

    it('says why it answers nothing that was damaged', async () => {
      await show(`#${(await asked()).slice(0, -6)}`)
      await page.waitForSelector('.notice[data-kind="bad"]')
      expect(await page.$(allow)).equal(null)
    })

    it('signs with the key of the browser also while the twin is off, and leaves out a name that is not granted', async () => {
      const code = await asked()
      await twin.stop()
      await show(`#${code}`)
      expect(await shownSite()).equal(site.origin)
      await page.evaluate(() => document.querySelector<HTMLElement>('.sign-in-scopes input')?.click())
      await page.waitForSelector(allow)
      await page.click(allow)
      expect(await greeted()).equal(twin.id)
      expect(await page.$eval('h1', element => element.textContent)).equal('Welcome')
    })
  })
}
