import { expect } from 'chai'
import type { Browser, Page } from 'puppeteer-core'
import { type ConsoleServer, serveConsole } from '../../node/console/serve-console.ts'
import { launch } from '../browser/browsers.ts'
import { buildScene } from './build-scene.ts'

describe('links of sites that ask for a twin', function () {
  this.timeout(120_000)
  let served: ConsoleServer
  let browser: Browser
  let page: Page
  before(async () => {
    served = await serveConsole({ files: await buildScene(), port: 0 })
    browser = await launch('chromium')
    page = (await browser.pages())[0]!
    await page.goto(`${served.url}#/login`)
    await page.waitForSelector('.sign-in-list')
  })
  after(async () => {
    await browser?.close()
    await served?.close()
  })

  it('are opened by the console once its owner pressed the button, with the request behind the # alone', async () => {
    const session = await page.createCDPSession()
    // In place of the person whom the browser asks
    await session.send('Page.setRPHRegistrationMode', { mode: 'autoAccept' })
    const button = await page.waitForSelector('::-p-aria([name="Open sign-in links here"][role="button"])')
    await button!.click()
    const visits: string[] = []
    page.on('request', request => {
      if (request.isNavigationRequest()) visits.push(request.url())
    })
    await page.evaluate(() => {
      const link = document.createElement('a')
      link.href = 'web+twin:login/scene'
      document.body.append(link)
      link.click()
    })
    await page.waitForSelector('.sign-in-site')
    expect(await page.$eval('.sign-in-site', element => element.textContent)).equal('https://library.example')
    // Servers are not told what stands behind the #
    const told = visits.filter(url => url.startsWith('http')).map(url => url.split('#')[0])
    expect(told).deep.equal([served.url])
    expect(await page.evaluate(() => location.hash)).include('login')
  })
})
