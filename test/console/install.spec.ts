import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, CDPSession, Page } from 'puppeteer-core'
import { launch } from '../browser/browsers.ts'
import { TwinProcess, temporaryFolder } from '../harness/twin.ts'
import { keptBy } from './console-page.ts'

describe('installing the console', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let twin: TwinProcess
  let url: string
  let browser: Browser
  let page: Page
  let session: CDPSession
  before(async () => {
    folder = await temporaryFolder()
    twin = new TwinProcess({ home: join(folder.path, 'home') })
    await twin.init('--name', 'Ada')
    await twin.start()
    const { console: link } = await twin.object<{ console: string }>('status')
    url = link
    browser = await launch('chromium')
    // In the browser's own profile: where nothing is kept, nothing is installed
    page = (await browser.pages())[0]!
    await page.bringToFront()
  })
  after(async () => {
    await browser?.close()
    await twin?.stop()
    await folder?.remove()
  })

  it('a browser that is not connected keeps nothing of it', async () => {
    // It says so once it has looked for what was kept
    await page.goto(url)
    await page.waitForSelector('.door h1')
    expect(await keptBy(page)).deep.equal([])
    await page.goto('about:blank')
    await page.goto(twin.started!.console)
    await page.waitForSelector('.button-big:not([disabled])')
    await page.click('.button-big')
    await page.waitForSelector('.composer-text')
    session = await page.createCDPSession()
  })

  it('Chromium reads the manifest without an error', async () => {
    const { url: from, errors, data } = await session.send('Page.getAppManifest')
    expect(from).equal(`${url}manifest.webmanifest`)
    expect(errors).deep.equal([])
    const manifest = JSON.parse(data!) as { name: string; start_url: string; icons: { src: string; sizes: string }[] }
    expect(manifest.name).equal('Twinmesh')
    expect(new URL(manifest.start_url, from).origin).equal(new URL(url).origin)
  })

  it('every icon is a picture of the size that the manifest says', async () => {
    const wrong = await page.evaluate(async () => {
      const manifest = (await (await fetch('manifest.webmanifest')).json()) as {
        icons: { src: string; sizes: string; type: string }[]
      }
      const found: string[] = []
      for (const { src, sizes, type } of manifest.icons) {
        const image = new Image()
        image.src = src
        await image.decode()
        const size = `${image.naturalWidth}x${image.naturalHeight}`
        const response = await fetch(src)
        if (sizes !== 'any' && sizes !== size) found.push(`${src} is ${size}`)
        if (response.headers.get('content-type') !== type)
          found.push(`${src} is ${response.headers.get('content-type')}`)
      }
      return found
    })
    expect(wrong).deep.equal([])
  })

  it('Chromium finds nothing that keeps it from being installed', async () => {
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
    expect(installabilityErrors).deep.equal([])
  })

  it('shows the name that the twin was made with, and another one as soon as it is put on the card elsewhere', async () => {
    const shows = async (name: string) => {
      await page.waitForFunction(wanted => document.querySelector('.me-words strong')?.textContent === wanted, {}, name)
      expect(await page.$eval('.me-words strong', shown => shown.textContent)).equal(name)
    }
    await shows('Ada')
    for (const name of ['Ada L.', 'Ada']) {
      await twin.object('profile', 'set', '--name', name)
      await shows(name)
    }
  })

  it('opens from what is kept when its server refuses all the cookies that others have set here', async () => {
    const other = { value: 'x'.repeat(4000), url: 'http://127.0.0.1:1/' }
    const cookies = Array.from({ length: 20 }, (_, at) => ({ name: `other-${at}`, ...other }))
    await session.send('Network.setCookies', { cookies })
    try {
      expect(await page.evaluate(async () => (await fetch('no-such-file')).status)).equal(400)
      await page.reload()
      await page.waitForSelector('.composer-text')
    } finally {
      await session.send('Network.clearBrowserCookies')
    }
  })

  it('opens from what is kept when its server and its twin are gone', async () => {
    await twin.stop()
    await page.reload()
    await page.waitForSelector('.composer-text')
    expect(await page.title()).match(/Twinmesh/)
    expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).equal(true)
    expect((await keptBy(page)).filter(name => name.startsWith('cache console-'))).length(1)
  })
})
