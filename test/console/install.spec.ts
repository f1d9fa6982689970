import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, CDPSession, Page } from 'puppeteer-core'
import { readConsoleFiles } from '../../node/console/console-files.ts'
import { type ConsoleServer, serveConsole } from '../../node/console/serve-console.ts'
import { launch } from '../browser/browsers.ts'
import { projectRoot } from '../project.ts'

describe('installing the console', function () {
  this.timeout(120_000)
  let served: ConsoleServer
  let browser: Browser
  let page: Page
  let session: CDPSession
  before(async () => {
    served = await serveConsole({ files: await readConsoleFiles(join(projectRoot, 'dist/console')), port: 0 })
    browser = await launch('chromium')
    // In the browser's own profile: where nothing is kept, nothing is installed
    page = (await browser.pages())[0]!
    await page.goto(served.url)
    await page.waitForSelector('.door')
    session = await page.createCDPSession()
  })
  after(async () => {
    await browser?.close()
    await served?.close()
  })

  it('Chromium reads the manifest without an error', async () => {
    const { url, errors, data } = await session.send('Page.getAppManifest')
    expect(url).equal(`${served.url}manifest.webmanifest`)
    expect(errors).deep.equal([])
    const manifest = JSON.parse(data!) as { name: string; start_url: string; icons: { src: string; sizes: string }[] }
    expect(manifest.name).equal('Twinmesh')
    expect(new URL(manifest.start_url, url).origin).equal(new URL(served.url).origin)
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

  it('opens from what is kept when its server is gone', async () => {
    await served.close()
    await page.reload()
    await page.waitForSelector('.door')
    expect(await page.title()).match(/Twinmesh/)
    const kept = await page.evaluate(async () => {
      const caches = await globalThis.caches.keys()
      return { caches: caches.length, isControlled: navigator.serviceWorker.controller !== null }
    })
    expect(kept).deep.equal({ caches: 1, isControlled: true })
  })
})
